package io.github.dl4jnorm.integration

import io.github.dl4jnorm.NDNorm
import io.github.dl4jnorm.SDNorm
import io.github.dl4jnorm.layer.BatchNorm
import io.github.dl4jnorm.layer.LayerNorm
import io.github.dl4jnorm.testing.Doubles
import io.github.dl4jnorm.testing.Samples
import io.github.dl4jnorm.testing.Tolerances
import org.deeplearning4j.nn.conf.NeuralNetConfiguration
import org.deeplearning4j.nn.conf.inputs.InputType
import org.deeplearning4j.nn.conf.layers.DenseLayer
import org.deeplearning4j.nn.conf.layers.OutputLayer
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Test
import org.nd4j.autodiff.samediff.SameDiff
import org.nd4j.linalg.activations.Activation
import org.nd4j.linalg.api.buffer.DataType
import org.nd4j.linalg.api.ndarray.INDArray
import org.nd4j.linalg.factory.Nd4j
import org.nd4j.linalg.learning.config.Adam

fun network(): MultiLayerNetwork {
    val configuration = NeuralNetConfiguration.Builder().seed(1).updater(Adam(1e-3)).list()
        .layer(DenseLayer.Builder().nOut(8).activation(Activation.IDENTITY).build())
        .layer(BatchNorm.Builder().activation(Activation.RELU).build())
        .layer(LayerNorm.Builder().build())
        .layer(OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build())
        .setInputType(InputType.feedForward(4))
        .build()
    return MultiLayerNetwork(configuration).apply { init() }
}

fun graph(): SameDiff {
    val sd = SameDiff.create()
    val norm = SDNorm(sd)
    val x = sd.placeHolder("x", DataType.FLOAT, -1, 4)
    val normalized = norm.batchNorm("bn", x, 4, 1)
    norm.layerNorm("ln", normalized, sd.`var`("gamma", Nd4j.ones(4)), null, 1e-5, 1)
    return sd
}

fun gradient(x: INDArray, dy: INDArray): INDArray {
    val forward = NDNorm().layerNorm(x, null, null, 1e-5, 1) // forward.y(), forward.mean(), forward.scale()
    return forward.backward(dy).dx()
}

/** The library as Kotlin sees it; docs/languages.md shows the functions above. */
class FromKotlinTest {
    private val x = Doubles.toArray(DataType.FLOAT, longArrayOf(16, 4), *Samples.gaussian(1, 64))
    private val dy = Doubles.toArray(DataType.FLOAT, longArrayOf(16, 4), *Samples.gaussian(2, 64))

    @Test
    fun layersNormalizeAndTrain() {
        val network = network()
        assertRowsSumToZero(network.feedForward(x, true)[3])
        val before = network.params().dup()
        network.fit(x, Nd4j.eye(3).getRows(*IntArray(16) { it % 3 }))
        assertNotEquals(before, network.params())
    }

    @Test
    fun opsNormalize() {
        assertRowsSumToZero(graph().outputSingle(mapOf("x" to x), "ln"))
    }

    @Test
    fun gradientsAreThoseOfANormalization() {
        assertRowsSumToZero(gradient(x, dy))
    }

    private fun assertRowsSumToZero(array: INDArray) {
        assertNotEquals(0.0, array.maxNumber().toDouble())
        val terms = Doubles.of(array.castTo(DataType.DOUBLE)).asList().chunked(array.columns())
        for (row in terms) {
            val bound = Tolerances.bound(DataType.FLOAT, row.size.toLong(), 0.0, row.sumOf { kotlin.math.abs(it) })
            Tolerances.assertClose("Σ", doubleArrayOf(0.0), doubleArrayOf(row.sum()), bound)
        }
    }
}
