package io.github.dl4jnorm.kernel;

/**
 * The roles of the axes of a pass: elements that differ along reduced axes only form a group, and gamma and beta vary
 * along affine axes.
 *
 * <table>
 *   <caption>The normalizations as roles</caption>
 *   <tr><th>normalization</th><th>shape</th><th>reduced</th><th>affine</th></tr>
 *   <tr><td>BatchNorm</td><td>[N, C, H, W]</td><td>N, H, W</td><td>C</td></tr>
 *   <tr><td>LayerNorm</td><td>[N, D]</td><td>D</td><td>D</td></tr>
 *   <tr><td>InstanceNorm</td><td>[N, C, H, W]</td><td>H, W</td><td>C</td></tr>
 *   <tr><td>GroupNorm</td><td>[N, G, C/G, H, W]</td><td>C/G, H, W</td><td>G, C/G</td></tr>
 * </table>
 *
 * @param shape sizes of the axes, none of them 0
 * @param reduced which axes are reduced
 * @param affine which axes gamma and beta vary along
 */
public record Groups(long[] shape, boolean[] reduced, boolean[] affine) {}
