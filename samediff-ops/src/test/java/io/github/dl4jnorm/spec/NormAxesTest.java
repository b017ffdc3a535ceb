package io.github.dl4jnorm.spec;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class NormAxesTest {
    private static final long[] NCHW = {2, 3, 4, 5};

    @Test
    void refusesARankBelowTwo() {
        assertMessage("batchNorm: expected an array of rank 2 or more, got shape [3]", () -> NormAxes.perChannel(0)
                .on("batchNorm", 3));
    }

    @Test
    void refusesAxesOutOfRange() {
        assertMessage("batchNorm: axis 4 is out of range for rank 4 (shape [2, 3, 4, 5])", () -> NormAxes.perChannel(4)
                .on("batchNorm", NCHW));
        assertMessage("layerNorm: axis -5 is out of range for rank 4 (shape [2, 3, 4, 5])", () -> NormAxes.over(1, -5)
                .on("layerNorm", NCHW));
        assertMessage("layerNorm: axis 0 is out of range for rank 0 (shape [])", () -> NormAxes.over(0)
                .on("layerNorm"));
    }

    @Test
    void refusesRepeatedAxes() {
        assertMessage("layerNorm: axis 1 is repeated in [1, -3] (shape [2, 3, 4, 5])", () -> NormAxes.over(1, -3)
                .on("layerNorm", NCHW));
    }

    @Test
    void refusesNoAxes() {
        assertMessage("sumNorm: expected at least one axis, got none", () -> NormAxes.over()
                .on("sumNorm", NCHW));
        assertMessage("sumNorm: expected at least one axis, got none", () -> NormAxes.over((int[]) null)
                .on("sumNorm", NCHW));
    }

    @Test
    void refusesEmptyArrays() {
        assertMessage("batchNorm: expected a non-empty array, got shape [0, 3]", () -> NormAxes.perChannel(1)
                .on("batchNorm", 0, 3));
        assertMessage("sumNorm: expected a non-empty array, got shape [4, 0]", () -> NormAxes.over(0)
                .on("sumNorm", 4, 0));
    }

    @Test
    void refusesImagesWithoutPixelsPerExampleAndChannel() {
        assertMessage(
                "instanceNorm: expected an array of rank 3 or more, got shape [2, 3]",
                () -> NormAxes.perExampleAndChannel(1).on("instanceNorm", 2, 3));
        assertMessage(
                "groupNorm: expected an array of rank 2 or more, got shape [3]",
                () -> NormAxes.perExampleAndGroup(1, 0).on("groupNorm", 3));
        assertDoesNotThrow(() -> NormAxes.perExampleAndGroup(1, 1).on("groupNorm", 2, 3));
    }

    @Test
    void refusesChannelsOnTheAxisOfTheExamples() {
        for (NormAxes axes : List.of(
                NormAxes.perExampleAndChannel(0),
                NormAxes.perExampleAndChannel(-4),
                NormAxes.perExampleAndGroup(1, 0))) {
            assertMessage(
                    "norm: expected the channels on an axis behind axis 0, the examples, of shape [2, 3, 4, 5]",
                    () -> axes.on("norm", NCHW));
        }
    }

    @Test
    void refusesGroupsThatDoNotDivideTheChannels() {
        for (int groups : new int[] {-1, 0, 2, 6}) {
            assertMessage(
                    "groupNorm: expected a number of groups that divides the 3 channels on axis 1, got " + groups
                            + " (shape [2, 3, 4, 5])",
                    () -> NormAxes.perExampleAndGroup(groups, 1).on("groupNorm", NCHW));
        }
    }

    @Test
    void takesSizesThatAreNotKnownYet() {
        for (NormAxes axes : List.of(
                NormAxes.perChannel(1),
                NormAxes.over(1, 2),
                NormAxes.perExampleAndChannel(1),
                NormAxes.perExampleAndGroup(4, 1))) {
            assertEquals(4, axes.on("norm", -1, -1, 5, -1).shape().length, axes.toString());
        }
        assertMessage(
                "groupNorm: expected a number of groups that divides the 6 channels on axis 1, got 4 (shape [-1, 6, 5])",
                () -> NormAxes.perExampleAndGroup(4, 1).on("groupNorm", -1, 6, 5));
    }

    private static void assertMessage(String message, Executable executable) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, executable).getMessage());
    }
}
