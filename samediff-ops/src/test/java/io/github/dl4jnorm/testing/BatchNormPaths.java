package io.github.dl4jnorm.testing;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/**
 * BatchNorm's backward pass over an [N, D] batch in two ways that do not use the collapsed formula of dx: node by node
 * through the computation graph, and along the three paths of the paper. Slow and literal, to judge the fast ones.
 */
public final class BatchNormPaths {
    private final double[][] x;
    private final double[][] dy;
    private final double[] gamma;
    private final double eps;
    private final int n;
    private final int d;

    /**
     * A batch and the gradient of its normalization.
     *
     * @param x input [N][D]
     * @param dy gradient of the output [N][D]
     * @param gamma γ [D]
     * @param eps ε
     */
    public BatchNormPaths(double[][] x, double[][] dy, double[] gamma, double eps) {
        this.x = x;
        this.dy = dy;
        this.gamma = gamma;
        this.eps = eps;
        this.n = x.length;
        this.d = gamma.length;
    }

    /**
     * All gradients.
     *
     * @param dx gradient of x [N][D]
     * @param dGamma gradient of gamma [D]
     * @param dBeta gradient of beta [D]
     */
    public record Gradients(double[][] dx, double[] dGamma, double[] dBeta) {}

    /**
     * The staged backward pass: the forward pass is nine nodes, each of which is differentiated by itself, last one
     * first.
     *
     * @return all gradients
     */
    public Gradients nineSteps() {
        // Forward, keeping what each node has seen.
        double[] mu = columnMean(x); // 1: μ = Σx/N
        double[][] xMu = withRow(x, mu, (a, b) -> a - b); // 2: x − μ
        double[][] square = map(xMu, xMu, (a, b) -> a * b); // 3: (x − μ)²
        double[] variance = columnMean(square); // 4: σ² = Σ(x − μ)²/N
        double[] std = new double[d]; // 5: √(σ² + ε)
        double[] invStd = new double[d]; // 6: 1/√(σ² + ε)
        for (int j = 0; j < d; j++) {
            std[j] = Math.sqrt(variance[j] + eps);
            invStd[j] = 1 / std[j];
        }
        double[][] xHat = withRow(xMu, invStd, (a, b) -> a * b); // 7: x̂ = (x − μ)·invStd
        // 8: γ·x̂ and 9: + β are not needed backward.

        // Step 9: y = scaled + β.
        double[] dBeta = columnSum(dy);
        double[][] dScaled = dy;
        // Step 8: scaled = γ·x̂.
        double[] dGamma = columnSum(map(dScaled, xHat, (a, b) -> a * b));
        double[][] dXHat = withRow(dScaled, gamma, (a, b) -> a * b);
        // Step 7: x̂ = xMu·invStd.
        double[] dInvStd = columnSum(map(dXHat, xMu, (a, b) -> a * b));
        double[][] dXMuDirect = withRow(dXHat, invStd, (a, b) -> a * b);
        double[] dVariance = new double[d];
        for (int j = 0; j < d; j++) {
            // Step 6: invStd = 1/std.
            double dStd = -dInvStd[j] / (std[j] * std[j]);
            // Step 5: std = √(variance + ε).
            dVariance[j] = 0.5 * dStd / std[j];
        }
        // Step 4: variance = Σ square/N sends dVariance/N to every row.
        double[][] dSquare = withRow(new double[n][d], dVariance, (zero, v) -> v / n);
        // Step 3: square = xMu².
        double[][] dXMuSquared = map(xMu, dSquare, (a, b) -> 2 * a * b);
        // Step 2: xMu = x − μ; both of its uses come together.
        double[][] dXMu = map(dXMuDirect, dXMuSquared, Double::sum);
        double[] dMu = columnSum(dXMu);
        // Step 1: μ = Σx/N sends −dMu/N to every row; x itself is the other use.
        double[][] dx = withRow(dXMu, dMu, (a, b) -> a - b / n);
        return new Gradients(dx, dGamma, dBeta);
    }

    /**
     * The chain rule of Ioffe and Szegedy 2015, section 3: x acts on the loss through x̂, through σ² and through μ.
     *
     * @return all gradients
     */
    public Gradients threePaths() {
        double[][] dx = new double[n][d];
        double[] dGamma = new double[d];
        double[] dBeta = new double[d];
        double[] mu = columnMean(x);
        for (int j = 0; j < d; j++) {
            double variance = 0;
            for (int i = 0; i < n; i++) {
                variance += Math.pow(x[i][j] - mu[j], 2) / n;
            }
            double dVariance = 0;
            double dMuOfXHat = 0;
            double sumCentred = 0;
            for (int i = 0; i < n; i++) {
                double dXHat = dy[i][j] * gamma[j];
                dVariance += dXHat * (x[i][j] - mu[j]) * -0.5 * Math.pow(variance + eps, -1.5);
                dMuOfXHat += -dXHat / Math.sqrt(variance + eps);
                sumCentred += x[i][j] - mu[j];
            }
            double dMu = dMuOfXHat + dVariance * -2 * sumCentred / n;
            for (int i = 0; i < n; i++) {
                double xHat = (x[i][j] - mu[j]) / Math.sqrt(variance + eps);
                double dXHat = dy[i][j] * gamma[j];
                dx[i][j] = dXHat / Math.sqrt(variance + eps) + dVariance * 2 * (x[i][j] - mu[j]) / n + dMu / n;
                dGamma[j] += dy[i][j] * xHat;
                dBeta[j] += dy[i][j];
            }
        }
        return new Gradients(dx, dGamma, dBeta);
    }

    private double[] columnSum(double[][] values) {
        double[] sum = new double[d];
        for (double[] row : values) {
            for (int j = 0; j < d; j++) {
                sum[j] += row[j];
            }
        }
        return sum;
    }

    private double[] columnMean(double[][] values) {
        double[] mean = columnSum(values);
        for (int j = 0; j < d; j++) {
            mean[j] /= n;
        }
        return mean;
    }

    private double[][] map(double[][] a, double[][] b, DoubleBinaryOperator f) {
        double[][] result = new double[n][d];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                result[i][j] = f.applyAsDouble(a[i][j], b[i][j]);
            }
        }
        return result;
    }

    private double[][] withRow(double[][] a, double[] row, DoubleBinaryOperator f) {
        double[][] rows = new double[n][];
        Arrays.fill(rows, row);
        return map(a, rows, f);
    }
}
