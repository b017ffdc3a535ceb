package io.github.dl4jnorm.benchmarks.kernel;

import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;

/** How oneDNN describes the arrays of a workload. It has channels at axis 1, wherever they are in memory. */
final class OneDnnLayout {
    private static final List<format_tag> PLAIN =
            List.of(format_tag.a, format_tag.ab, format_tag.abc, format_tag.abcd, format_tag.abcde);
    private static final List<format_tag> BLOCKS_OF_16 =
            List.of(format_tag.aBc16b, format_tag.aBcd16b, format_tag.aBcde16b);
    private static final List<format_tag> BLOCKS_OF_8 =
            List.of(format_tag.aBc8b, format_tag.aBcd8b, format_tag.aBcde8b);
    private static final List<format_tag> CHANNELS_LAST = List.of(format_tag.acb, format_tag.acdb, format_tag.acdeb);

    private OneDnnLayout() {}

    static memory.desc vector(int length) {
        return new memory.desc(new long[] {length}, data_type.f32, format_tag.a);
    }

    /** The layout that the workload says. */
    static memory.desc asGiven(Workload workload) {
        int rank = workload.shape().length;
        return described(workload, workload.isChannelsLast() ? CHANNELS_LAST.get(rank - 3) : PLAIN.get(rank - 1));
    }

    /** Other layouts that there may be generated code for, best first. */
    static List<memory.desc> others(Workload workload) {
        int rank = workload.shape().length;
        if (rank < 3 || workload.isChannelsLast()) {
            return List.of();
        }
        return List.of(BLOCKS_OF_16, BLOCKS_OF_8, CHANNELS_LAST).stream()
                .map(tags -> described(workload, tags.get(rank - 3)))
                .toList();
    }

    private static memory.desc described(Workload workload, format_tag tag) {
        long[] shape = workload.shape();
        if (workload.isChannelsLast()) {
            long channels = shape[shape.length - 1];
            System.arraycopy(shape, 1, shape, 2, shape.length - 2);
            shape[1] = channels;
        }
        return new memory.desc(shape, data_type.f32, tag);
    }
}
