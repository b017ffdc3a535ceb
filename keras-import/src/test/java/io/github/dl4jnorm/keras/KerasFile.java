package io.github.dl4jnorm.keras;

import static org.bytedeco.hdf5.global.hdf5.H5F_ACC_TRUNC;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.hdf5.Attribute;
import org.bytedeco.hdf5.DataSet;
import org.bytedeco.hdf5.DataSpace;
import org.bytedeco.hdf5.Group;
import org.bytedeco.hdf5.H5File;
import org.bytedeco.hdf5.H5Object;
import org.bytedeco.hdf5.PredType;
import org.bytedeco.hdf5.StrType;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** A Keras model in H5, laid out as Keras itself does. */
final class KerasFile {

    /** What wrote the file. */
    enum Version {
        KERAS_1("1.2.2"),
        KERAS_2("2.11.0"),
        KERAS_3("3.15.1");

        private final String number;

        Version(String number) {
            this.number = number;
        }
    }

    private record Layer(Map<String, Object> config, String name, Map<String, Tensor> weights) {}

    private final Version version;
    private String number;
    private final boolean sequential;
    private final List<Layer> layers = new ArrayList<>();
    private Map<String, Object> training;
    private String first;
    private String last;

    private KerasFile(Version version, boolean sequential) {
        this.version = version;
        this.number = version.number;
        this.sequential = sequential;
    }

    static KerasFile sequential(Version version) {
        return new KerasFile(version, true);
    }

    static KerasFile functional(Version version) {
        return new KerasFile(version, false);
    }

    /** The input; sizes without the batch, null for one that is not fixed. */
    KerasFile input(Integer... shape) {
        List<Integer> batchShape = new ArrayList<>(Arrays.asList(shape));
        batchShape.add(0, null);
        String key = version == Version.KERAS_3 ? "batch_shape" : "batch_input_shape";
        first = "the_input";
        return layer("InputLayer", first, settings(key, batchShape), Map.of(), List.of());
    }

    /** A layer on the one before. */
    KerasFile layer(String className, String name, Map<String, Object> settings, Map<String, Tensor> weights) {
        return layer(className, name, settings, weights, List.of(last));
    }

    KerasFile layer(
            String className,
            String name,
            Map<String, Object> settings,
            Map<String, Tensor> weights,
            List<String> inputs) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("name", name);
        config.put("trainable", true);
        config.put("dtype", version == Version.KERAS_3 ? policy() : "float32");
        config.putAll(settings);
        Map<String, Object> layer = new LinkedHashMap<>();
        layer.put("class_name", className);
        layer.put("config", config);
        if (version == Version.KERAS_3) {
            layer.put("module", "keras.layers");
            layer.put("registered_name", null);
            layer.put("build_config", settings("input_shape", null));
        }
        if (!sequential) {
            layer.put("name", name);
            layer.put("inbound_nodes", inputs.isEmpty() ? List.of() : List.of(call(inputs)));
        }
        layers.add(new Layer(layer, name, weights));
        last = name;
        return this;
    }

    private static Map<String, Object> policy() {
        return settings("module", "keras", "class_name", "DTypePolicy", "config", Map.of("name", "float32"));
    }

    private Object call(List<String> inputs) {
        if (version != Version.KERAS_3) {
            return inputs.stream().map(name -> List.of(name, 0, 0, Map.of())).toList();
        }
        List<Map<String, Object>> tensors = inputs.stream()
                .map(name -> settings(
                        "class_name", "__keras_tensor__", "config", Map.of("keras_history", List.of(name, 0, 0))))
                .toList();
        Object argument = tensors.size() == 1 ? tensors.get(0) : tensors;
        return settings("args", List.of(argument), "kwargs", settings("training", null));
    }

    KerasFile training(Object loss, Map<String, Object> optimizer) {
        training = settings("loss", loss, "optimizer_config", optimizer);
        return this;
    }

    /** Settings from keys and values in turn. */
    static Map<String, Object> settings(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    /** Says that another release of the same version wrote it. */
    KerasFile release(String other) {
        number = other;
        return this;
    }

    /** Writes the file and returns its path. */
    String write(Path directory) throws IOException {
        String file = Files.createTempFile(directory, "model", ".h5").toString();
        // HDF5 is not thread-safe, and what is not closed here would be closed by a thread of JavaCPP's.
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            writeTo(file);
        }
        return file;
    }

    @SuppressWarnings("unchecked") // no classes
    private void writeTo(String file) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            H5File h5 = new H5File(file, H5F_ACC_TRUNC());
            attribute(h5, "keras_version", number);
            attribute(h5, "backend", "tensorflow");
            attribute(h5, "model_config", new ObjectMapper().writeValueAsString(model()));
            if (training != null) {
                attribute(h5, "training_config", new ObjectMapper().writeValueAsString(training));
            }
            Group root = h5.createGroup("model_weights");
            attribute(root, "layer_names", layers.stream().map(Layer::name).toArray(String[]::new));
            for (Layer layer : layers) {
                writeWeights(root, layer);
            }
        }
    }

    private Map<String, Object> model() {
        List<Map<String, Object>> configs = layers.stream().map(Layer::config).toList();
        if (sequential && version == Version.KERAS_1) {
            return settings("class_name", "Sequential", "config", configs);
        }
        Map<String, Object> config = settings("name", "model", "layers", configs);
        if (!sequential) {
            List<Object> in = List.of(first, 0, 0);
            List<Object> out = List.of(last, 0, 0);
            config.put("input_layers", version == Version.KERAS_3 ? in : List.of(in));
            config.put("output_layers", version == Version.KERAS_3 ? out : List.of(out));
        }
        return settings("class_name", sequential ? "Sequential" : "Functional", "config", config);
    }

    private void writeWeights(Group root, Layer layer) {
        Group group = root.createGroup(layer.name);
        String path = path(layer);
        attribute(
                group,
                "weight_names",
                layer.weights.keySet().stream()
                        .map(name -> path + variable(layer, name))
                        .toArray(String[]::new));
        Group inner = group;
        for (String part : path.isEmpty() || layer.weights.isEmpty() ? new String[0] : path.split("/")) {
            inner = inner.createGroup(part);
        }
        for (Map.Entry<String, Tensor> weight : layer.weights.entrySet()) {
            dataSet(inner, variable(layer, weight.getKey()), weight.getValue());
        }
    }

    /** The groups in which Keras puts the variables of a layer. */
    private String path(Layer layer) {
        return switch (version) {
            case KERAS_1 -> "";
            case KERAS_2 -> layer.name + cell(layer);
            case KERAS_3 -> (sequential ? "sequential/" : "") + layer.name + cell(layer);
        };
    }

    private static String cell(Layer layer) {
        return "LSTM".equals(layer.config.get("class_name")) ? "/lstm_cell/" : "/";
    }

    private String variable(Layer layer, String name) {
        return switch (version) {
            case KERAS_1 -> layer.name + "_" + name;
            case KERAS_2 -> name + ":0";
            case KERAS_3 -> name;
        };
    }

    private static void attribute(H5Object at, String name, String... values) {
        int length =
                Math.max(1, Arrays.stream(values).mapToInt(String::length).max().orElse(1));
        byte[] bytes = new byte[Math.max(1, values.length) * length];
        for (int i = 0; i < values.length; i++) {
            byte[] value = values[i].getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(value, 0, bytes, i * length, value.length);
        }
        StrType type = new StrType(PredType.C_S1(), length);
        DataSpace space =
                values.length == 1 ? new DataSpace() : new DataSpace(1, new long[] {Math.max(1, values.length)});
        Attribute attribute = at.createAttribute(name, type, space);
        attribute.write(type, new BytePointer(bytes));
    }

    private static void dataSet(Group at, String name, Tensor values) {
        long[] shape = Arrays.stream(values.shape()).asLongStream().toArray();
        DataSet dataSet = at.createDataSet(name, PredType.NATIVE_FLOAT(), new DataSpace(shape.length, shape));
        float[] floats = new float[values.data().length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values.data()[i];
        }
        dataSet.write(new FloatPointer(floats), PredType.NATIVE_FLOAT());
    }
}
