package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;

/**
 * A small dense matrix. Rows are outputs and columns are inputs when it is a Jacobian.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param values row after row
 */
record Matrix(int rows, int columns, double[] values) {

    /** What stands at each place. */
    interface Entry {
        double at(int row, int column);
    }

    static Matrix of(int rows, int columns, Entry entry) {
        double[] values = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                values[i * columns + j] = entry.at(i, j);
            }
        }
        return new Matrix(rows, columns, values);
    }

    double at(int row, int column) {
        return values[row * columns + column];
    }

    double[] row(int row) {
        return Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
    }

    double[] column(int column) {
        double[] result = new double[rows];
        for (int i = 0; i < rows; i++) {
            result[i] = at(i, column);
        }
        return result;
    }

    Matrix minus(Matrix other) {
        return plus(-1, other);
    }

    /** this + factor·other. */
    Matrix plus(double factor, Matrix other) {
        double[] result = values.clone();
        for (int k = 0; k < result.length; k++) {
            result[k] += factor * other.values[k];
        }
        return new Matrix(rows, columns, result);
    }

    Matrix times(double factor) {
        return new Matrix(
                rows, columns, Arrays.stream(values).map(v -> factor * v).toArray());
    }

    Matrix transposed() {
        return of(columns, rows, (i, j) -> at(j, i));
    }

    Matrix diagonal() {
        return of(rows, columns, (i, j) -> i == j ? at(i, j) : 0);
    }

    /** weights · this: what a backward pass returns for the output gradient {@code weights}. */
    double[] timesFromLeft(double... weights) {
        double[] result = new double[columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                result[j] += weights[i] * at(i, j);
            }
        }
        return result;
    }

    double dot(Matrix other) {
        double sum = 0;
        for (int k = 0; k < values.length; k++) {
            sum += values[k] * other.values[k];
        }
        return sum;
    }

    /** The Frobenius norm. */
    double norm() {
        return Math.sqrt(dot(this));
    }

    /** The Frobenius norm of this − other, without making that matrix. */
    double distance(Matrix other) {
        double sum = 0;
        for (int k = 0; k < values.length; k++) {
            double difference = values[k] - other.values[k];
            sum += difference * difference;
        }
        return Math.sqrt(sum);
    }

    double maxAbs() {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    /** The place of the element farthest from zero. */
    int argMaxAbs() {
        int best = 0;
        for (int k = 1; k < values.length; k++) {
            if (Math.abs(values[k]) > Math.abs(values[best])) {
                best = k;
            }
        }
        return best;
    }

    /**
     * The number of linearly independent rows, by elimination with full pivoting.
     *
     * @param tolerance pivots of at most this part of the largest element count as zero
     */
    int rank(double tolerance) {
        Matrix rest = new Matrix(rows, columns, values.clone());
        double smallest = tolerance * maxAbs();
        int rank = 0;
        while (rank < Math.min(rows, columns)) {
            int pivot = rest.argMaxAbs();
            double[] row =
                    Arrays.copyOfRange(rest.values, pivot / columns * columns, pivot / columns * columns + columns);
            double divisor = row[pivot % columns];
            if (!(Math.abs(divisor) > smallest)) {
                break;
            }
            for (int i = 0; i < rows; i++) {
                double factor = rest.at(i, pivot % columns) / divisor;
                for (int j = 0; j < columns; j++) {
                    rest.values[i * columns + j] -= factor * row[j];
                }
                // What is zero in exact arithmetic must not come back as rounding.
                rest.values[i * columns + pivot % columns] = 0;
            }
            rank++;
        }
        return rank;
    }
}
