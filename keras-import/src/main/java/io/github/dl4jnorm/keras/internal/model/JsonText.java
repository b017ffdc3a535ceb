package io.github.dl4jnorm.keras.internal.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.core.JsonFactory;
import org.nd4j.shade.jackson.core.JsonLocation;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.JsonToken;
import org.nd4j.shade.jackson.core.type.TypeReference;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** JSON as text, from a file that may hold anything. */
public final class JsonText {
    /** A model inside a model adds about six levels; Jackson's parser, and all that walk through JSON, are recursive. */
    private static final int DEEPEST = 200;

    private JsonText() {}

    /**
     * Parses an object.
     *
     * @param json text
     * @param where the text's origin, for messages
     * @return the object, mutable
     * @throws InvalidKerasConfigurationException if it is not valid JSON, no object, deeper than 200 levels, or has two
     *     members of one name
     */
    public static Map<String, @Nullable Object> parse(String json, String where)
            throws InvalidKerasConfigurationException {
        try {
            checkDepth(json, where);
            ObjectMapper mapper = new ObjectMapper();
            mapper.configure(JsonParser.Feature.STRICT_DUPLICATE_DETECTION, true);
            Map<String, @Nullable Object> result =
                    mapper.readValue(json, new TypeReference<Map<String, @Nullable Object>>() {});
            if (result == null) {
                throw new InvalidKerasConfigurationException(where + ": expected a JSON object, got null");
            }
            return result;
        } catch (JsonProcessingException e) {
            throw new InvalidKerasConfigurationException(
                    where + ": expected a JSON object, got something else" + place(e.getLocation()) + ": "
                            + e.getOriginalMessage().lines().findFirst().orElse(""),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is none where text is read
        }
    }

    private static void checkDepth(String json, String where) throws IOException, InvalidKerasConfigurationException {
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (depth > DEEPEST) {
                    throw new InvalidKerasConfigurationException(where + ": expected JSON of at most " + DEEPEST
                            + " levels, got more at line "
                            + parser.getTokenLocation().getLineNr() + ", column "
                            + parser.getTokenLocation().getColumnNr());
                }
            }
        }
    }

    private static String place(JsonLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
