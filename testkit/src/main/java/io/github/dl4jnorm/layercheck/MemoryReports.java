package io.github.dl4jnorm.layercheck;

import java.util.Locale;
import java.util.Objects;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryUseMode;
import org.nd4j.linalg.api.buffer.DataType;

/** What a layer says of the memory that it needs. */
final class MemoryReports {
    private MemoryReports() {}

    static String agrees(LayerUnderTest subject) {
        LayerHarness bench = subject.bench(DataType.FLOAT);
        LayerMemoryReport report = bench.configured().getMemoryReport(subject.arrivingType());
        if (report == null) {
            throw new CheckFailure("getMemoryReport returned null");
        }
        demand("parameters", bench.numParams(), report.getParameterSize());
        demand("input type", subject.arrivingType(), report.getInputType());
        InputType announced = subject.outputType();
        if (!fits(announced, report.getOutputType())) {
            demand("output type", announced, report.getOutputType());
        }
        long training = bytes(report, subject, MemoryUseMode.TRAINING);
        long inference = bytes(report, subject, MemoryUseMode.INFERENCE);
        if (inference <= 0 || training < inference) {
            throw new CheckFailure("expected more bytes in training than in inference, and some, got " + training
                    + " and " + inference);
        }
        return String.format(Locale.ROOT, "%d bytes in training, %d in inference", training, inference);
    }

    /** Whether a type is the announced one, as far as that one's sizes are known. */
    private static boolean fits(InputType announced, InputType reported) {
        return reported != null
                && announced.getClass() == reported.getClass()
                && Activations.fits(announced.getShape(true), reported.getShape(true));
    }

    private static long bytes(LayerMemoryReport report, LayerUnderTest subject, MemoryUseMode mode) {
        return report.getTotalMemoryBytes(subject.batch(), mode, CacheMode.NONE, DataType.FLOAT);
    }

    private static void demand(String what, Object expected, Object reported) {
        if (!Objects.equals(expected, reported)) {
            throw new CheckFailure(what + ": expected " + expected + ", reported " + reported);
        }
    }
}
