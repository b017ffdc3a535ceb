package io.github.dl4jnorm.integration

import io.github.dl4jnorm.layer.{BatchNorm, LayerNorm}
import io.github.dl4jnorm.testing.{Doubles, Samples, Tolerances}
import io.github.dl4jnorm.{NDNorm, SDNorm}
import org.deeplearning4j.nn.conf.NeuralNetConfiguration
import org.deeplearning4j.nn.conf.inputs.InputType
import org.deeplearning4j.nn.conf.layers.{DenseLayer, OutputLayer}
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Test
import org.nd4j.autodiff.samediff.SameDiff
import org.nd4j.linalg.activations.Activation
import org.nd4j.linalg.api.buffer.DataType
import org.nd4j.linalg.api.ndarray.INDArray
import org.nd4j.linalg.factory.Nd4j
import org.nd4j.linalg.learning.config.Adam

object FromScala {
  def network(): MultiLayerNetwork = {
    val configuration = new NeuralNetConfiguration.Builder().seed(1).updater(new Adam(1e-3)).list()
      .layer(new DenseLayer.Builder().nOut(8).activation(Activation.IDENTITY).build())
      .layer(new BatchNorm.Builder().activation(Activation.RELU).build())
      .layer(new LayerNorm.Builder().build())
      .layer(new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build())
      .setInputType(InputType.feedForward(4))
      .build()
    val network = new MultiLayerNetwork(configuration)
    network.init()
    network
  }

  def graph(): SameDiff = {
    val sd = SameDiff.create()
    val norm = new SDNorm(sd)
    val x = sd.placeHolder("x", DataType.FLOAT, -1, 4)
    val normalized = norm.batchNorm("bn", x, 4, 1)
    norm.layerNorm("ln", normalized, sd.`var`("gamma", Nd4j.ones(4)), null, 1e-5, 1)
    sd
  }

  def gradient(x: INDArray, dy: INDArray): INDArray = {
    val forward = new NDNorm().layerNorm(x, null, null, 1e-5, 1) // forward.y, forward.mean, forward.scale
    forward.backward(dy).dx
  }
}

/** The library as Scala sees it; docs/languages.md shows the functions above. */
class FromScalaTest {
  private val x = Doubles.toArray(DataType.FLOAT, Array(16L, 4L), Samples.gaussian(1, 64).toSeq: _*)
  private val dy = Doubles.toArray(DataType.FLOAT, Array(16L, 4L), Samples.gaussian(2, 64).toSeq: _*)

  @Test
  def layersNormalizeAndTrain(): Unit = {
    val network = FromScala.network()
    assertRowsSumToZero(network.feedForward(x, true).get(3))
    val before = network.params().dup()
    network.fit(x, Nd4j.eye(3).getRows(Array.tabulate(16)(_ % 3): _*))
    assertNotEquals(before, network.params())
  }

  @Test
  def opsNormalize(): Unit =
    assertRowsSumToZero(FromScala.graph().outputSingle(java.util.Map.of("x", x), "ln"))

  @Test
  def gradientsAreThoseOfANormalization(): Unit = assertRowsSumToZero(FromScala.gradient(x, dy))

  private def assertRowsSumToZero(array: INDArray): Unit = {
    assertNotEquals(0.0, array.maxNumber().doubleValue())
    for (row <- Doubles.of(array.castTo(DataType.DOUBLE)).grouped(array.columns())) {
      val bound = Tolerances.bound(DataType.FLOAT, row.length, 0, row.map(math.abs).sum)
      Tolerances.assertClose("Σ", Array(0.0), Array(row.sum), bound)
    }
  }
}
