package io.github.dl4jnorm.spark;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.DisabledForJreRange;

/** On tests that run Spark, which Spark 3 cannot do in every JVM that this project supports. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@DisabledForJreRange(
        minVersion = SparkVersions.NEWEST_JAVA + 1,
        disabledReason = "Spark 3 does not run on Java 23 and later, which refuse Subject.getSubject")
@interface NeedsSpark {}
