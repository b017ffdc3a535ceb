package io.github.dl4jnorm.gradcheck;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * What Commons Math's matrices lack. ND4J brings Commons Math along, its matrices are equal if their elements are, and a
 * NaN in one gets into its norms, as it must here: other libraries skip it. Rows are outputs and columns are inputs where
 * a matrix is a Jacobian. Nothing here changes a matrix.
 */
final class Matrices {
    private Matrices() {}

    /** What stands at each place. */
    interface Entry {
        double at(int row, int column);
    }

    static RealMatrix of(int rows, int columns, Entry entry) {
        double[][] values = new double[rows][columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                values[i][j] = entry.at(i, j);
            }
        }
        return ofRows(values);
    }

    /** A matrix of these rows, which it keeps. */
    static RealMatrix ofRows(double[]... rows) {
        return new Array2DRowRealMatrix(rows, false);
    }

    /** All elements, row after row. */
    static double[] values(RealMatrix matrix) {
        return Arrays.stream(matrix.getData()).flatMapToDouble(Arrays::stream).toArray();
    }

    /** The elements on the diagonal of a square matrix. */
    static double[] diagonal(RealMatrix matrix) {
        return IntStream.range(0, matrix.getRowDimension())
                .mapToDouble(i -> matrix.getEntry(i, i))
                .toArray();
    }

    /** A square matrix without what is beside its diagonal. */
    static RealMatrix diagonalOnly(RealMatrix matrix) {
        return MatrixUtils.createRealDiagonalMatrix(diagonal(matrix));
    }

    /** The sum of the products of elements at the same place. */
    static double dot(RealMatrix a, RealMatrix b) {
        double sum = 0;
        for (int i = 0; i < a.getRowDimension(); i++) {
            for (int j = 0; j < a.getColumnDimension(); j++) {
                sum += a.getEntry(i, j) * b.getEntry(i, j);
            }
        }
        return sum;
    }

    /** The Frobenius norm of a − b. */
    static double distance(RealMatrix a, RealMatrix b) {
        return a.subtract(b).getFrobeniusNorm();
    }

    /** The largest absolute value; NaN if there is a NaN. */
    static double maxAbs(RealMatrix matrix) {
        return Elements.largest(values(matrix));
    }

    /**
     * The number of linearly independent rows.
     *
     * @param tolerance singular values of at most this part of the largest one count as zero
     */
    static int rank(RealMatrix matrix, double tolerance) {
        double[] values = new SingularValueDecomposition(matrix).getSingularValues();
        return (int)
                Arrays.stream(values).filter(v -> v > tolerance * values[0]).count();
    }

    /** Solves a system of linear equations; what has no single solution has one that is not finite. */
    static double[] solution(double[][] coefficients, double... right) {
        return new LUDecomposition(ofRows(coefficients), 0)
                .getSolver()
                .solve(new ArrayRealVector(right, false))
                .toArray();
    }
}
