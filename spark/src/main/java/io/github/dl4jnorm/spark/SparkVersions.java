package io.github.dl4jnorm.spark;

import io.github.dl4jnorm.cli.UserError;
import java.io.Serializable;
import org.apache.spark.package$;
import scala.util.Properties;

/**
 * What runs in a JVM of Spark: the driver's, or that of an executor.
 *
 * @param spark version of Spark, like 3.5.6
 * @param scala version of Scala, like 2.12.18
 * @param java feature version of Java, like 17
 */
record SparkVersions(String spark, String scala, int java) implements Serializable {
    private static final long serialVersionUID = 1;

    /** Our class files are for this one. */
    private static final int OLDEST_JAVA = 17;

    /** From the next on, Java refuses {@code Subject.getSubject}, which the Hadoop client of Spark 3 calls. */
    static final int NEWEST_JAVA = 22;

    /**
     * The versions in this JVM.
     *
     * @return the versions
     */
    static SparkVersions here() {
        return new SparkVersions(
                package$.MODULE$.SPARK_VERSION(),
                Properties.versionNumberString(),
                Runtime.version().feature());
    }

    /**
     * Checks that DL4J's classes for Spark can work with these.
     *
     * @param where which JVM this is, for the message
     * @throws UserError if they cannot
     */
    void require(String where) {
        if (!spark.startsWith("3.") || !scala.startsWith("2.12.")) {
            throw new UserError(where + ": dl4j-spark_2.12 needs Spark 3.x with Scala 2.12, found Spark " + spark
                    + " with Scala " + scala);
        }
        if (java < OLDEST_JAVA || java > NEWEST_JAVA) {
            throw new UserError(where + ": Spark " + spark + " needs Java " + OLDEST_JAVA + " to " + NEWEST_JAVA
                    + " here, found Java " + java);
        }
    }

    @Override
    public String toString() {
        return "Spark " + spark + ", Scala " + scala + ", Java " + java;
    }
}
