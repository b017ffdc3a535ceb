package io.github.dl4jnorm.spark;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dl4jnorm.cli.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Versions that cannot work together are found out, and named. */
class SparkVersionsTest {
    @Test
    void hereAreThoseOfThisProject() {
        SparkVersions here = SparkVersions.here();
        assertTrue(here.spark().startsWith("3.5."), here.toString());
        assertTrue(here.scala().startsWith("2.12."), here.toString());
        assertEquals(Runtime.version().feature(), here.java());
    }

    @ParameterizedTest
    @CsvSource({"3.5.6, 2.12.18, 17", "3.0.0, 2.12.10, 17", "3.5.6, 2.12.18, 21"})
    void someFit(String spark, String scala, int java) {
        assertDoesNotThrow(() -> new SparkVersions(spark, scala, java).require("Executor"));
    }

    @ParameterizedTest
    @CsvSource({
        "4.0.0, 2.13.16, 17, 'needs Spark 3.x with Scala 2.12, found Spark 4.0.0 with Scala 2.13.16'",
        "3.5.6, 2.13.8, 17, 'needs Spark 3.x with Scala 2.12, found Spark 3.5.6 with Scala 2.13.8'",
        "2.4.8, 2.12.10, 17, 'needs Spark 3.x with Scala 2.12, found Spark 2.4.8 with Scala 2.12.10'",
        "3.5.6, 2.12.18, 11, 'needs Java 17 to 22 here, found Java 11'",
        "3.5.6, 2.12.18, 25, 'needs Java 17 to 22 here, found Java 25'"
    })
    void othersDoNot(String spark, String scala, int java, String message) {
        SparkVersions versions = new SparkVersions(spark, scala, java);
        UserError e = assertThrows(UserError.class, () -> versions.require("Executor"));
        assertTrue(e.getMessage().startsWith("Executor: "), e.getMessage());
        assertTrue(e.getMessage().endsWith(message), e.getMessage());
    }
}
