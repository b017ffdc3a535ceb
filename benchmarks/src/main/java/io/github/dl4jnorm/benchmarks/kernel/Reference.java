package io.github.dl4jnorm.benchmarks.kernel;

/**
 * The exact results, in double and written as the formulas are, and how far others are from them: the largest error
 * relative to the largest magnitude of the exact result.
 */
final class Reference {
    private final Problem problem;
    private final Partition partition;
    /** Elements of a group. */
    private final int size;

    private final double[] center;
    private final double[] scale;

    Reference(Problem problem) {
        this.problem = problem;
        partition = new Partition(problem.workload());
        size = problem.x().length / partition.groups();
        Kind kind = problem.workload().kind();
        center = kind.isCentered() ? means(this::x) : new double[partition.groups()];
        scale = means(kind == Kind.SUM ? this::x : this::squaredDeviation);
        for (int group = 0; group < scale.length; group++) {
            scale[group] = kind == Kind.SUM ? 1 / (scale[group] * size) : 1 / Math.sqrt(scale[group] + Kind.EPS);
        }
    }

    private interface Term {
        double at(int element);
    }

    private double[] means(Term term) {
        double[] sums = new double[partition.groups()];
        for (int i = 0; i < problem.x().length; i++) {
            sums[partition.group(i)] += term.at(i);
        }
        for (int group = 0; group < sums.length; group++) {
            sums[group] /= size;
        }
        return sums;
    }

    private double x(int element) {
        return problem.x()[element];
    }

    private double dy(int element) {
        return problem.dy()[element];
    }

    private double squaredDeviation(int element) {
        double deviation = x(element) - center[partition.group(element)];
        return deviation * deviation;
    }

    private double normalized(int element) {
        int group = partition.group(element);
        return (x(element) - center[group]) * scale[group];
    }

    /** γ·dy. */
    private double g(int element) {
        return problem.workload().isAffine()
                ? problem.gamma()[partition.parameter(element)] * dy(element)
                : dy(element);
    }

    private double y(int element) {
        double normalized = normalized(element);
        if (!problem.workload().isAffine()) {
            return normalized;
        }
        int parameter = partition.parameter(element);
        return problem.gamma()[parameter] * normalized + problem.beta()[parameter];
    }

    /** Errors of y, dx, dγ and dβ; of the latter 0 where there is none. */
    double[] errors(Results results) {
        return new double[] {
            error(results.y(), this::y),
            error(results.dx(), gradient()),
            parameterError(results.dGamma(), this::normalized),
            parameterError(results.dBeta(), element -> 1)
        };
    }

    /** dx = s·(g − A − x̂·B). */
    private Term gradient() {
        Kind kind = problem.workload().kind();
        double[] dots = means(i -> g(i) * normalized(i));
        double[] constant =
                switch (kind) {
                    case BATCH, LAYER, GROUP, INSTANCE -> means(this::g);
                    case RMS -> new double[dots.length];
                    case SUM -> scaled(dots, size);
                };
        double[] slope = kind == Kind.SUM ? new double[dots.length] : dots;
        return i -> {
            int group = partition.group(i);
            return scale[group] * (g(i) - constant[group] - normalized(i) * slope[group]);
        };
    }

    private static double[] scaled(double[] values, double factor) {
        double[] scaled = values.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return scaled;
    }

    private double parameterError(float[] actual, Term factor) {
        if (actual == null) {
            return 0;
        }
        double[] sums = new double[partition.parameters()];
        for (int i = 0; i < problem.x().length; i++) {
            sums[partition.parameter(i)] += dy(i) * factor.at(i);
        }
        return error(actual, i -> sums[i]);
    }

    private static double error(float[] actual, Term exact) {
        double largest = 0;
        double error = 0;
        for (int i = 0; i < actual.length; i++) {
            double expected = exact.at(i);
            largest = Math.max(largest, Math.abs(expected));
            error = Float.isFinite(actual[i])
                    ? Math.max(error, Math.abs(expected - actual[i]))
                    : Double.POSITIVE_INFINITY;
        }
        return largest == 0 ? error : error / largest;
    }
}
