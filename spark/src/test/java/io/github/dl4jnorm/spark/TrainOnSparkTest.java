package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.cli.Outcome;
import io.github.dl4jnorm.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program, as from the command line. */
@NeedsSpark
@Timeout(120)
class TrainOnSparkTest {
    @TempDir
    private Path folder;

    private static Outcome run(String... args) {
        return Outcome.of(new TrainOnSpark(), args);
    }

    @Test
    void trainsInThisJvmByDefault() {
        Outcome outcome = run(
                "--train", "1000", "--test", "200", "--epochs", "3", "--averaging", "2", "--out", folder.toString());
        assertEquals(0, outcome.exitCode(), outcome.toString());
        assertTrue(outcome.out().contains("at local[2]"), outcome.toString());
        assertTrue(Files.exists(folder.resolve("spark-batch.zip")));
        String accuracy = outcome.out().replaceAll("(?s).*test accuracy (\\S+), as before.*", "$1");
        // One in ten by guessing.
        assertTrue(Double.parseDouble(accuracy) > 0.3, outcome.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "spark://127.0.0.1:1, Nobody answers at spark://127.0.0.1:1",
        "'spark://127.0.0.1:1,127.0.0.1:2', 'Nobody answers at spark://127.0.0.1:1,127.0.0.1:2'",
        "spark://127.0.0.1:99999, Nobody answers at spark://127.0.0.1:99999"
    })
    @Timeout(30)
    void saysAtOnceThatThereIsNoMaster(String master, String message) {
        Outcome outcome = run("--master", master, "--out", folder.toString());
        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.err().contains(message), outcome.toString());
        assertEquals(1, outcome.err().lines().count(), outcome.toString());
        assertEquals("", outcome.out());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--master=127.0.0.1:7077 | --master: expected local[N] or spark://host:port, found 127.0.0.1:7077",
                "--master=local[0] | --master: expected local[N] or spark://host:port, found local[0]",
                "--master=yarn | --master: expected local[N] or spark://host:port, found yarn",
                "--data=mnist,--test=10001 | --test 10001 is more than the 10000 images of MNIST",
                "--workers=0 | Invalid value for option '--workers': '0' is not a whole number of at least 1",
                "--workers=5 | --workers 5: an epoch has only 4 batches for them (--train 256, --batch 64), so 1 would"
                        + " train on nothing; use fewer workers, smaller batches or more images"
            })
    @Timeout(30)
    void wrongOptionsAreAnErrorBeforeAnythingIsDone(String options, String message) {
        Outcome outcome = run(("--train=256," + options + ",--out=" + folder.resolve("new")).split(","));
        assertEquals(2, outcome.exitCode());
        assertEquals(
                List.of(message, "Try TrainOnSpark --help"),
                outcome.err().lines().toList());
        assertEquals("", outcome.out());
        assertFalse(Files.exists(folder.resolve("new")));
    }

    @Test
    void saysWhatEachWorkerGetsInEveryLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("de-DE"));
        try {
            Outcome outcome =
                    run("--train=256", "--test=50", "--workers=4", "--epochs=1", "--norm=builtin", "--out=" + folder);
            assertEquals(0, outcome.exitCode(), outcome.toString());
            assertTrue(
                    outcome.out().contains("Workers    4, with so many batches per epoch: 1, 1, 1, 1"),
                    outcome.toString());
            assertTrue(
                    outcome.out().matches("(?s).* 1/1 +\\d+\\.\\d{4} +\\d\\.\\d{4} +\\d+\\.\\d\\R.*"),
                    outcome.toString());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void aTrainingThatDivergesIsOneLine() {
        Outcome outcome = run("--train=128", "--test=50", "--epochs=1", "--norm=none", "--lr=1e30", "--out=" + folder);
        assertEquals(
                "The training diverged: the loss is NaN after step 1; try a smaller --lr",
                outcome.err().strip());
        assertEquals(1, outcome.exitCode());
    }

    @Test
    void doesNotWaitForExecutorsForEver() throws IOException {
        try (StandaloneCluster cluster = new StandaloneCluster(folder, 0)) {
            SparkConnection connection = new SparkConnection(cluster.master(), Duration.ofSeconds(1));
            SparkConf conf = new SparkConf()
                    .setAppName("test")
                    .set("spark.driver.host", "127.0.0.1")
                    .set("spark.driver.bindAddress", "127.0.0.1");
            UserError e = assertThrows(UserError.class, () -> connection.open(conf));
            assertEquals(
                    "No executor within 1 seconds at " + cluster.master()
                            + ": are there workers with a free core and 1g of memory?",
                    e.getMessage());
        }
    }
}
