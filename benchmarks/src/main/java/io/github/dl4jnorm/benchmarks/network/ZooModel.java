package io.github.dl4jnorm.benchmarks.network;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.FaceNetNN4Small2;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.Xception;

/** Networks of DL4J's model zoo with batch normalization, with their initial weights. */
public enum ZooModel {
    /** He et al. 2016. */
    RESNET50("ResNet50", 16, 128),
    /** Redmon and Farhadi 2017. */
    DARKNET19("Darknet19", 16, 128),
    /** Schroff et al. 2015, in the variant of OpenFace. */
    FACENET("FaceNetNN4Small2", 16, 96),
    /** Szegedy et al. 2017. */
    INCEPTION_RESNET("InceptionResNetV1", 16, 128),
    /** Chollet 2017. */
    XCEPTION("Xception", 8, 128);

    /** Classes of each network. */
    static final int CLASSES = 10;

    private final String title;
    private final int batch;
    private final int size;

    ZooModel(String title, int batch, int size) {
        this.title = title;
        this.batch = batch;
        this.size = size;
    }

    String title() {
        return title + ", " + batch + " images of " + size + "×" + size;
    }

    /** Shape of a batch of images. */
    long[] images() {
        return new long[] {batch, 3, size, size};
    }

    ComputationGraph create() {
        int[] image = {3, size, size};
        return switch (this) {
            case RESNET50 ->
                ResNet50.builder().inputShape(image).numClasses(CLASSES).build().init();
            case DARKNET19 ->
                Darknet19.builder()
                        .inputShape(image)
                        .numClasses(CLASSES)
                        .build()
                        .init();
            case FACENET ->
                FaceNetNN4Small2.builder()
                        .inputShape(image)
                        .numClasses(CLASSES)
                        .build()
                        .init();
            case INCEPTION_RESNET ->
                InceptionResNetV1.builder()
                        .inputShape(image)
                        .numClasses(CLASSES)
                        .build()
                        .init();
            case XCEPTION ->
                Xception.builder().inputShape(image).numClasses(CLASSES).build().init();
        };
    }
}
