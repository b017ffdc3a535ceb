/**
 * Networks with normalization layers on Apache Spark: {@link io.github.dl4jnorm.spark.TrainOnSpark} trains one by
 * parameter averaging, in this JVM or on a cluster. The layers themselves need nothing from here.
 */
@NullMarked
package io.github.dl4jnorm.spark;

import org.jspecify.annotations.NullMarked;
