package io.github.dl4jnorm;

import static io.github.dl4jnorm.Graphs.array;
import static io.github.dl4jnorm.Graphs.assertSameBits;
import static io.github.dl4jnorm.Graphs.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.internal.samediff.NormalizeOp;
import io.github.dl4jnorm.testing.JavaProcess;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Graphs in files, and what is in the arguments of their ops. The functions one by one are in SDFunctionsTest. */
class SavedGraphTest {
    @TempDir
    Path folder;

    @Test
    void savedGraphsLoadAndTrainOn() {
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        sd.setTrainingConfig(Graphs.training(0.1));
        INDArray x = random(30, 16, 3);
        INDArray weights = random(31, 16, 3);
        sd.fit(new DataSet(x, weights));
        File file = folder.resolve("graph.fb").toFile();
        sd.save(file, true);
        SameDiff loaded = SameDiff.load(file, true);

        Map<String, INDArray> placeholders = Map.of("x", x, "weights", weights);
        assertSameBits(
                sd.output(placeholders, "bn").get("bn"),
                loaded.output(placeholders, "bn").get("bn"));
        for (int i = 0; i < 3; i++) {
            sd.fit(new DataSet(x, weights));
            loaded.fit(new DataSet(x, weights));
        }
        for (String name : List.of("bn/gamma", "bn/beta", "bn/mean", "bn/var")) {
            assertSameBits(array(sd, name), array(loaded, name));
        }
    }

    @Test
    void aFreshProgramLoadsAGraphWithoutNamingThisLibrary() throws Exception {
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        File file = folder.resolve("graph.fb").toFile();
        sd.save(file, true);
        JavaProcess.run(LoadGraph.class, "-Dgraph=" + file);
    }

    /** Loads and runs a graph through SameDiff alone. */
    static final class LoadGraph {
        private LoadGraph() {}

        public static void main(String[] args) {
            SameDiff sd = SameDiff.load(new File(System.getProperty("graph")), true);
            INDArray x = Nd4j.ones(DataType.DOUBLE, 2, 3);
            sd.output(Map.of("x", x, "weights", x), "bn");
        }
    }

    @Test
    void theFormatComesFirstInTheArgumentsOfEveryOp() {
        SameDiff sd = Graphs.batchNorm(DataType.DOUBLE);
        INDArray x = random(1, 4, 3);
        new SDNorm(sd).rmsNorm("rms", sd.getVariable("x"), null, 1e-3, 1);
        sd.calculateGradients(Map.of("x", x, "weights", x), "bn/gamma");
        assertEquals(1, op(sd, "bn").iArgs()[0]);
        assertEquals(1, op(sd, "rms").iArgs()[0]);
        assertEquals(1, op(sd.getFunction("grad"), "bn/gamma-grad").iArgs()[0]);
    }

    /** As if a later version of the library had written the graph: its op's arguments are set as loading does. */
    @Test
    void anUnknownFormatIsRefusedWhenTheGraphRuns() {
        SameDiff sd = SameDiff.create();
        SDVariable x = sd.placeHolder("x", DataType.DOUBLE, -1, 3);
        new SDNorm(sd).layerNorm("ln", x, null, null, 1e-3, 1);
        DynamicCustomOp known = op(sd, "ln");
        long[] code = known.iArgs();
        code[0] = 2;
        NormalizeOp unknown = new NormalizeOp();
        unknown.addIArgument(code);
        unknown.addTArgument(known.tArgs());
        unknown.addBArgument(known.bArgs());
        unknown.setSameDiff(sd);
        unknown.setOwnName(known.getOwnName());
        sd.getOps().get(known.getOwnName()).setOp(unknown);

        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> sd.output(Map.of("x", Nd4j.ones(DataType.DOUBLE, 2, 3)), "ln"));
        assertTrue(e.getMessage().contains("expected a normalization in format 1, got [2, "), e.getMessage());
    }

    private static DynamicCustomOp op(SameDiff sd, String output) {
        return (DynamicCustomOp) sd.getVariableOutputOp(output);
    }
}
