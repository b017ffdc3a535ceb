package io.github.dl4jnorm.keras.internal.support;

import io.github.dl4jnorm.keras.report.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.jspecify.annotations.Nullable;

/** What is known of a class of layers: a line of the table. */
final class LayerSupport {
    private final String className;
    private final @Nullable Status status;
    private final String text;
    private final List<Setting> settings = new ArrayList<>();
    private final List<Condition> conditions = new ArrayList<>();
    private Kind kind = Kind.OTHER;
    private @Nullable ShapeRule shape;
    private @Nullable Class<? extends KerasLayer> own;
    private boolean activation;
    private boolean penalty;

    private LayerSupport(String className, @Nullable Status status, String text) {
        this.className = className;
        this.status = status;
        this.text = text;
    }

    /** A class that DL4J imports as Keras computes. */
    static LayerSupport verified(String className, String becomes) {
        return new LayerSupport(className, Status.VERIFIED, becomes);
    }

    /** A class that is imported otherwise than DL4J would. */
    static LayerSupport repaired(String className, String what) {
        return new LayerSupport(className, Status.REPAIRED, what);
    }

    /** A class that does nothing in inference. */
    static LayerSupport leftOut(String className, String why) {
        return new LayerSupport(className, Status.LEFT_OUT, why);
    }

    /** A class of which the caller says what it is. */
    static LayerSupport registered(String className, String what) {
        return new LayerSupport(className, Status.REGISTERED, what);
    }

    /** A class that DL4J's importer does not know: the caller's, or refused. */
    static LayerSupport foreign(String className, String instead) {
        return new LayerSupport(className, Status.REGISTERED, Support.AS_REGISTERED + ", else refused: " + instead);
    }

    /** Whether DL4J's importer does not know the class, so that its settings are the business of whoever registers it. */
    boolean isForeign() {
        return status == Status.REGISTERED && text.startsWith(Support.AS_REGISTERED);
    }

    /** A class that DL4J imports, and that has not been compared. */
    static LayerSupport doubtful(String className, String becomes) {
        return new LayerSupport(className, Status.DOUBTFUL, becomes);
    }

    /** A class that DL4J imports wrongly, or not at all. */
    static LayerSupport refused(String className, String why) {
        return new LayerSupport(className, null, why);
    }

    /** Settings of any value. */
    LayerSupport any(String... names) {
        for (String name : names) {
            settings.add(Setting.any(name));
        }
        return this;
    }

    /** A setting of which some values are compared with Keras. */
    LayerSupport only(String name, Object... values) {
        settings.add(Setting.only(name, List.of(values)));
        return this;
    }

    /** A setting of which only some values are imported rightly. */
    LayerSupport only(String name, Collection<?> values, String otherwise) {
        settings.add(Setting.only(name, values, otherwise));
        return this;
    }

    /** A setting that must be off. */
    LayerSupport off(String name, String why) {
        settings.add(Setting.only(name, List.of(false), why));
        return this;
    }

    /** An activation function at the end. */
    LayerSupport activation() {
        activation = true;
        Set<String> names = ActivationNames.all();
        // Keras 3 may write a function as an object, which is looked into later.
        settings.add(new Setting(
                "activation",
                value -> value instanceof Map || names.contains(value),
                String.join(", ", names),
                "DL4J has no such function"));
        return this;
    }

    /** An activation function within; that of Keras 2's recurrent layers has another hard_sigmoid than Keras 3's. */
    LayerSupport gate(String name) {
        settings.add(Setting.only(name, ActivationNames.INNER));
        return unless(
                use -> use.graph().version() > 2 && "hard_sigmoid".equals(use.setting(name)),
                "`" + name + "` hard_sigmoid of Keras 3",
                "it is relu6(x + 3)/6 there, and DL4J has that of Keras 2 in recurrent layers; use sigmoid");
    }

    /** A use that is known to be imported wrongly. */
    LayerSupport unless(Predicate<Use> wrong, String when, String why) {
        conditions.add(new Condition(wrong, when, why));
        return this;
    }

    /** What the layer does. */
    LayerSupport is(Kind what) {
        kind = what;
        return this;
    }

    /** How the shape of the output follows; not needed where the {@linkplain Kind#keepsShape() kind} tells. */
    LayerSupport shape(ShapeRule rule) {
        shape = rule;
        return this;
    }

    /** The class that this library imports the layer with, where passes put it in the place of DL4J's. */
    LayerSupport by(Class<? extends KerasLayer> ownClass) {
        own = ownClass;
        return this;
    }

    /** A penalty on the kernel trains as it does in Keras. */
    LayerSupport penalty() {
        penalty = true;
        return this;
    }

    String className() {
        return className;
    }

    /** What becomes of the class; empty if it is refused. */
    Optional<Status> status() {
        return Optional.ofNullable(status);
    }

    /** What becomes of it, or why it is refused and what would work. */
    String text() {
        return text;
    }

    List<Setting> settings() {
        return settings;
    }

    List<Condition> conditions() {
        return conditions;
    }

    Optional<Setting> setting(String name) {
        return settings.stream().filter(setting -> setting.name().equals(name)).findFirst();
    }

    Kind kind() {
        return kind;
    }

    Optional<ShapeRule> shape() {
        return Optional.ofNullable(shape);
    }

    Optional<Class<? extends KerasLayer>> own() {
        return Optional.ofNullable(own);
    }

    boolean hasActivation() {
        return activation;
    }

    boolean hasPenalty() {
        return penalty;
    }
}
