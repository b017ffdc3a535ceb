/** Tests of training on Spark, in this JVM and on a cluster of several. */
package io.github.dl4jnorm.spark;
