package io.github.dl4jnorm.gradcheck;

import io.github.dl4jnorm.spec.Statistic;
import io.github.dl4jnorm.spec.Statistic.Term;
import java.util.ArrayList;
import java.util.List;

/** A way on which x acts on y: directly, or through one of the terms of dx = s·(g − A − x̂·B). */
enum Path {
    DIRECT,
    A,
    B;

    /** The paths that there are. */
    static List<Path> of(Statistic statistic) {
        List<Path> all = new ArrayList<>(List.of(DIRECT));
        if (statistic.a() != Term.ZERO) {
            all.add(A);
        }
        if (statistic.b() != Term.ZERO) {
            all.add(B);
        }
        return all;
    }

    /** What it leads through. */
    String name(Statistic statistic) {
        return this == DIRECT ? "the direct path" : "the path through the " + through(statistic);
    }

    private String through(Statistic statistic) {
        if (this == A) {
            return statistic.a() == Term.MEAN_OF_G ? "mean" : "sum";
        }
        return switch (statistic.measure()) {
            case SUM_OF_SQUARES -> "norm";
            case MEAN_OF_SQUARES -> statistic.isCentered() ? "variance" : "mean square";
            case SUM_OF_VALUES, GIVEN_VARIANCE -> throw new IllegalArgumentException(statistic + " has no B");
        };
    }

    Cause missing(Statistic statistic) {
        return switch (this) {
            case DIRECT -> Cause.DIRECT_PATH_MISSING;
            case A -> statistic.a() == Term.MEAN_OF_G ? Cause.MEAN_PATH_MISSING : Cause.SUM_PATH_MISSING;
            case B ->
                ofB(statistic, Cause.NORM_PATH_MISSING, Cause.VARIANCE_PATH_MISSING, Cause.MEAN_SQUARE_PATH_MISSING);
        };
    }

    Cause wrong(Statistic statistic) {
        return switch (this) {
            case DIRECT -> Cause.DIRECT_PATH_WRONG;
            case A -> statistic.a() == Term.MEAN_OF_G ? Cause.MEAN_PATH_WRONG : Cause.SUM_PATH_WRONG;
            case B -> ofB(statistic, Cause.NORM_PATH_WRONG, Cause.VARIANCE_PATH_WRONG, Cause.MEAN_SQUARE_PATH_WRONG);
        };
    }

    private static Cause ofB(Statistic statistic, Cause norm, Cause variance, Cause meanSquare) {
        if (statistic.measure() == Statistic.Measure.SUM_OF_SQUARES) {
            return norm;
        }
        return statistic.isCentered() ? variance : meanSquare;
    }

    /** The term of dx that it makes. */
    String term(Statistic statistic) {
        return switch (this) {
            case DIRECT -> "s·g";
            case A -> "−s·" + NormFormula.text(statistic.a());
            case B -> "−s·x̂·" + NormFormula.text(statistic.b());
        };
    }
}
