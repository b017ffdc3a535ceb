package io.github.dl4jnorm.keras.internal.file;

import static org.bytedeco.hdf5.global.hdf5.H5Aclose;
import static org.bytedeco.hdf5.global.hdf5.H5Aexists;
import static org.bytedeco.hdf5.global.hdf5.H5Aget_space;
import static org.bytedeco.hdf5.global.hdf5.H5Aget_type;
import static org.bytedeco.hdf5.global.hdf5.H5Aopen;
import static org.bytedeco.hdf5.global.hdf5.H5Aread;
import static org.bytedeco.hdf5.global.hdf5.H5Dget_space;
import static org.bytedeco.hdf5.global.hdf5.H5Dget_type;
import static org.bytedeco.hdf5.global.hdf5.H5Dread;
import static org.bytedeco.hdf5.global.hdf5.H5F_ACC_RDONLY;
import static org.bytedeco.hdf5.global.hdf5.H5Fclose;
import static org.bytedeco.hdf5.global.hdf5.H5Fopen;
import static org.bytedeco.hdf5.global.hdf5.H5Gget_info;
import static org.bytedeco.hdf5.global.hdf5.H5I_DATASET;
import static org.bytedeco.hdf5.global.hdf5.H5I_GROUP;
import static org.bytedeco.hdf5.global.hdf5.H5Iget_type;
import static org.bytedeco.hdf5.global.hdf5.H5Lexists;
import static org.bytedeco.hdf5.global.hdf5.H5Lget_name_by_idx;
import static org.bytedeco.hdf5.global.hdf5.H5Oclose;
import static org.bytedeco.hdf5.global.hdf5.H5Oopen;
import static org.bytedeco.hdf5.global.hdf5.H5P_DEFAULT;
import static org.bytedeco.hdf5.global.hdf5.H5S_ALL;
import static org.bytedeco.hdf5.global.hdf5.H5Sclose;
import static org.bytedeco.hdf5.global.hdf5.H5Sget_simple_extent_dims;
import static org.bytedeco.hdf5.global.hdf5.H5Sget_simple_extent_ndims;
import static org.bytedeco.hdf5.global.hdf5.H5Sget_simple_extent_npoints;
import static org.bytedeco.hdf5.global.hdf5.H5T_FLOAT;
import static org.bytedeco.hdf5.global.hdf5.H5T_NATIVE_FLOAT_g;
import static org.bytedeco.hdf5.global.hdf5.H5T_STRING;
import static org.bytedeco.hdf5.global.hdf5.H5Tclose;
import static org.bytedeco.hdf5.global.hdf5.H5Tget_class;
import static org.bytedeco.hdf5.global.hdf5.H5Tget_size;
import static org.bytedeco.hdf5.global.hdf5.H5Tis_variable_str;
import static org.bytedeco.hdf5.global.hdf5.H5free_memory;
import static org.bytedeco.hdf5.global.hdf5.H5open;

import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.hdf5.H5G_info_t;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.deeplearning4j.nn.modelimport.keras.Hdf5Archive;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * An HDF5 file, read with the C functions of the HDF5 library. Paths are names joined by "/", "" for the root. The
 * library is not thread-safe, so every call holds the lock that DL4J's importer holds too. Nothing is left to a garbage
 * collector, which would call the library without it.
 */
final class Hdf5File implements Closeable {
    private final String shown;
    private long file;

    /** Something that is done with an open object of the file. */
    private interface Use<T extends @Nullable Object> {
        T with(long id) throws InvalidKerasConfigurationException;
    }

    /**
     * A stored array, not yet read.
     *
     * @param path where it is in the file
     * @param shape its sizes, none for a single number
     * @param isFloat whether it holds floating point numbers
     */
    record Stored(String path, List<Long> shape, boolean isFloat) {}

    /**
     * Opens a file to read.
     *
     * @param path where it is
     * @param shown what messages call it
     * @throws InvalidKerasConfigurationException if it is no HDF5 file, or damaged
     */
    Hdf5File(Path path, String shown) throws InvalidKerasConfigurationException {
        this.shown = shown;
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            H5open();
            file = H5Fopen(path.toString(), H5F_ACC_RDONLY(), H5P_DEFAULT());
        }
        if (file < 0) {
            throw damaged("it cannot be opened");
        }
    }

    /** What messages call the file. */
    String shown() {
        return shown;
    }

    private InvalidKerasConfigurationException damaged(String what) {
        return new InvalidKerasConfigurationException(shown + ": truncated or damaged: " + what);
    }

    /** Whether there is a group at a path. */
    boolean hasGroup(String at) throws InvalidKerasConfigurationException {
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            return exists(at) && open(at, id -> H5Iget_type(id) == H5I_GROUP || at.isEmpty());
        }
    }

    private boolean exists(String at) {
        if (at.isEmpty()) {
            return true;
        }
        // The library wants each step of the way to exist.
        for (int end = at.indexOf('/'); end >= 0; end = at.indexOf('/', end + 1)) {
            if (H5Lexists(file, at.substring(0, end), H5P_DEFAULT()) <= 0) {
                return false;
            }
        }
        return H5Lexists(file, at, H5P_DEFAULT()) > 0;
    }

    private <T extends @Nullable Object> T open(String at, Use<T> use) throws InvalidKerasConfigurationException {
        long id = H5Oopen(file, at.isEmpty() ? "/" : at, H5P_DEFAULT());
        if (id < 0) {
            throw damaged("/" + at + " cannot be opened");
        }
        try {
            return use.with(id);
        } finally {
            H5Oclose(id);
        }
    }

    /** The names of groups and arrays in a group, in alphabetical order. */
    List<String> names(String group) throws InvalidKerasConfigurationException {
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            return open(group, id -> {
                List<String> names = new ArrayList<>();
                try (H5G_info_t info = new H5G_info_t()) {
                    if (H5Gget_info(id, info) < 0) {
                        throw damaged("/" + group + " cannot be listed");
                    }
                    for (long i = 0; i < info.nlinks(); i++) {
                        names.add(name(id, i));
                    }
                }
                return names;
            });
        }
    }

    private String name(long group, long index) throws InvalidKerasConfigurationException {
        long length = H5Lget_name_by_idx(group, ".", 0, 0, index, (byte[]) null, 0, H5P_DEFAULT());
        if (length < 0) {
            throw damaged("a name cannot be read");
        }
        byte[] name = new byte[Math.toIntExact(length) + 1];
        H5Lget_name_by_idx(group, ".", 0, 0, index, name, name.length, H5P_DEFAULT());
        return new String(name, 0, name.length - 1, StandardCharsets.UTF_8);
    }

    /** An array, or null if there is none at a path. */
    @Nullable Stored stored(String at) throws InvalidKerasConfigurationException {
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            if (!exists(at)) {
                return null;
            }
            return open(at, id -> {
                if (H5Iget_type(id) != H5I_DATASET) {
                    return null;
                }
                long space = H5Dget_space(id);
                long type = H5Dget_type(id);
                try {
                    int rank = H5Sget_simple_extent_ndims(space);
                    if (rank < 0 || type < 0) {
                        throw damaged("the shape of /" + at + " cannot be read");
                    }
                    long[] shape = new long[rank];
                    H5Sget_simple_extent_dims(space, shape, null);
                    return new Stored(at, Arrays.stream(shape).boxed().toList(), H5Tget_class(type) == H5T_FLOAT);
                } finally {
                    H5Tclose(type);
                    H5Sclose(space);
                }
            });
        }
    }

    /**
     * Reads an array of floating point numbers.
     *
     * @return the numbers in C order
     * @throws InvalidKerasConfigurationException if it is too large for an array, or damaged
     */
    float[] read(Stored stored) throws InvalidKerasConfigurationException {
        long length = 1;
        for (long size : stored.shape()) {
            length = size <= 0 || length > Integer.MAX_VALUE / size ? -1 : length * size;
            if (length < 0) {
                throw damaged("/" + stored.path() + " has no size that can be read");
            }
        }
        float[] values = new float[(int) length];
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            open(stored.path(), id -> {
                try (FloatPointer buffer = new FloatPointer(values.length)) {
                    if (H5Dread(id, H5T_NATIVE_FLOAT_g(), H5S_ALL(), H5S_ALL(), H5P_DEFAULT(), buffer) < 0) {
                        throw damaged("/" + stored.path() + " cannot be read");
                    }
                    buffer.get(values);
                }
                return null;
            });
        }
        return values;
    }

    /** Whether a group or array has an attribute. */
    boolean hasAttribute(String at, String name) throws InvalidKerasConfigurationException {
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            return exists(at) && open(at, id -> H5Aexists(id, name) > 0);
        }
    }

    /** An attribute as text, or null if there is none, or it is something else. */
    @Nullable String text(String at, String name) throws InvalidKerasConfigurationException {
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            return hasAttribute(at, name) ? open(at, id -> attribute(id, name)) : null;
        }
    }

    private @Nullable String attribute(long object, String name) throws InvalidKerasConfigurationException {
        long attribute = H5Aopen(object, name, H5P_DEFAULT());
        long type = H5Aget_type(attribute);
        long space = H5Aget_space(attribute);
        try {
            if (attribute < 0 || type < 0 || space < 0) {
                throw damaged("attribute " + name + " cannot be read");
            }
            boolean single = H5Sget_simple_extent_npoints(space) == 1;
            if (!single || H5Tget_class(type) != H5T_STRING) {
                return null;
            }
            return H5Tis_variable_str(type) > 0 ? variable(attribute, type, name) : fixed(attribute, type, name);
        } finally {
            H5Sclose(space);
            H5Tclose(type);
            H5Aclose(attribute);
        }
    }

    private String variable(long attribute, long type, String name) throws InvalidKerasConfigurationException {
        try (PointerPointer<BytePointer> strings = new PointerPointer<>(1)) {
            strings.put(0, (Pointer) null);
            if (H5Aread(attribute, type, strings) < 0) {
                throw damaged("attribute " + name + " cannot be read");
            }
            BytePointer string = strings.get(BytePointer.class, 0);
            if (string == null || string.isNull()) {
                return "";
            }
            try {
                return new String(string.getStringBytes(), StandardCharsets.UTF_8);
            } finally {
                H5free_memory(string);
            }
        }
    }

    private String fixed(long attribute, long type, String name) throws InvalidKerasConfigurationException {
        int size = Math.toIntExact(H5Tget_size(type));
        try (BytePointer buffer = new BytePointer(size)) {
            if (H5Aread(attribute, type, buffer) < 0) {
                throw damaged("attribute " + name + " cannot be read");
            }
            byte[] bytes = new byte[size];
            buffer.get(bytes);
            int end = 0;
            while (end < size && bytes[end] != 0) {
                end++;
            }
            return new String(bytes, 0, end, StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        synchronized (Hdf5Archive.LOCK_OBJECT) {
            if (file >= 0) {
                H5Fclose(file);
                file = -1;
            }
        }
    }
}
