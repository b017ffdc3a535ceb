package io.github.dl4jnorm.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The backward pass of a parameter that is broadcast against x: dγ = Σ dy·x̂, dβ = Σ dy. Every output depends on one
 * element of the parameter.
 */
final class ParameterFormula implements BackwardFormula {
    /** Which parameter of a normalization. */
    enum Role {
        GAMMA("gamma"),
        BETA("beta"),
        OTHER("parameter");

        private final String title;

        Role(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    private static final double NEGLIGIBLE = 1e-7;

    private final Role role;
    private final NormStructure norm;
    private final long[] outputShape;
    private final int[] target;
    private final int parameters;
    private final double[] right;
    private double[] weight;

    private ParameterFormula(
            Role role, NormStructure norm, long[] outputShape, int[] target, int parameters, double... right) {
        this.role = role;
        this.norm = norm;
        this.outputShape = outputShape;
        this.target = target;
        this.parameters = parameters;
        this.right = right;
        this.weight = right;
    }

    /** A parameter, recognised by its Jacobian, or null if outputs depend on several of its elements. */
    static ParameterFormula recognise(Matrix jacobian, NormStructure norm, long... outputShape) {
        int[] target = new int[jacobian.rows()];
        double[] weight = new double[jacobian.rows()];
        double negligible = NEGLIGIBLE * jacobian.maxAbs();
        for (int i = 0; i < target.length; i++) {
            double[] row = Arrays.copyOfRange(jacobian.values(), i * jacobian.columns(), (i + 1) * jacobian.columns());
            int[] touched = IntStream.range(0, row.length)
                    .filter(j -> Math.abs(row[j]) > negligible)
                    .toArray();
            if (touched.length != 1) {
                return null;
            }
            target[i] = touched[0];
            weight[i] = row[touched[0]];
        }
        Role role = Role.OTHER;
        if (norm != null && Arrays.stream(weight).allMatch(w -> Math.abs(w - 1) <= NEGLIGIBLE)) {
            role = Role.BETA;
        } else if (norm != null && near(weight, norm.statistics().xHat())) {
            role = Role.GAMMA;
        }
        return new ParameterFormula(role, norm, outputShape, target, jacobian.columns(), weight);
    }

    private static boolean near(double[] a, double... b) {
        return a.length == b.length
                && IntStream.range(0, a.length)
                        .allMatch(i -> Math.abs(a[i] - b[i]) <= NEGLIGIBLE * (1 + Math.abs(b[i])));
    }

    Role role() {
        return role;
    }

    /** The number of outputs that an element of the parameter goes into. */
    int copies() {
        return target.length / parameters;
    }

    @Override
    public BackwardFormula fresh() {
        return new ParameterFormula(role, norm, outputShape, target, parameters, right);
    }

    @Override
    public Matrix jacobian() {
        return Matrix.of(target.length, parameters, (i, j) -> target[i] == j ? weight[i] : 0);
    }

    @Override
    public String formula() {
        String which = "over the " + copies() + " outputs that each element goes into";
        return switch (role) {
            case GAMMA -> "dγ = Σ dy·x̂, " + which;
            case BETA -> "dβ = Σ dy, " + which;
            case OTHER -> "Σ dy·∂y/∂p, " + which;
        };
    }

    @Override
    public List<Mistake> mistakes() {
        List<Mistake> all = new ArrayList<>();
        addOneCopy(all);
        if (norm != null && role != Role.OTHER) {
            double[] ones = new double[target.length];
            Arrays.fill(ones, 1);
            boolean gamma = role == Role.GAMMA;
            double[] other = gamma ? ones : norm.statistics().xHat();
            add(all, Cause.GAMMA_AND_BETA_SWAPPED, "", formula(), b -> b.weight = other);
            add(
                    all,
                    Cause.WRONG_CACHE,
                    "γ·dy in place of dy",
                    formula(),
                    b -> b.weight = IntStream.range(0, right.length)
                            .mapToDouble(i -> right[i] * norm.gamma()[i])
                            .toArray());
            if (gamma) {
                add(all, Cause.WRONG_CACHE, "x in place of x̂", formula(), b -> b.weight = norm.x());
                if (norm.statistic().isCentered()) {
                    double[] centered = norm.statistics().centered();
                    add(all, Cause.WRONG_CACHE, "x − μ in place of x̂", formula(), b -> b.weight = centered);
                }
                add(all, Cause.WRONG_CACHE, "y in place of x̂", formula(), b -> b.weight = norm.y());
            }
        }
        return all;
    }

    private void addOneCopy(List<Mistake> all) {
        for (int a = 0; a < outputShape.length; a++) {
            int axis = a;
            int last = (int) outputShape[axis] - 1;
            if (last > 0) {
                addCopy(all, "the first along axis " + axis, i -> indexAlong(i, axis) == 0);
                addCopy(all, "the last along axis " + axis, i -> indexAlong(i, axis) == last);
            }
        }
    }

    private void addCopy(List<Mistake> all, String detail, IntPredicate kept) {
        add(
                all,
                Cause.ONE_COPY_ONLY,
                detail,
                formula(),
                b -> b.weight = IntStream.range(0, right.length)
                        .mapToDouble(i -> kept.test(i) ? right[i] : 0)
                        .toArray());
    }

    private int indexAlong(int output, int axis) {
        return Elements.index(output, outputShape)[axis];
    }

    private static void add(
            List<Mistake> all, Cause cause, String detail, String term, Consumer<ParameterFormula> edit) {
        all.add(new Mistake(cause, detail, term, backward -> edit.accept((ParameterFormula) backward)));
    }
}
