package io.github.dl4jnorm.benchmarks;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Calls PyTorch's own kernels, forward and backward, without its autograd around them: DJL has no binding for the
 * backward kernels, so a TorchScript module with one function is written (PyTorch's archive format, version 3) and
 * loaded.
 */
final class TorchScript {
    /** A module with no attributes, pickled: an instance of __torch__.Norm with {training: False}. */
    private static final byte[] MODULE = pickle("c__torch__\nNorm\n)\u0081}(X\b\u0000\u0000\u0000training\u0089ub.");

    private static final byte[] NO_CONSTANTS = pickle(").");

    private TorchScript() {}

    /**
     * Loads a function.
     *
     * @param manager owner of the module
     * @param signature parameters and result, for example {@code x: Tensor) -> Tensor}
     * @param body statements, one a line
     * @return the loaded function
     */
    static PtSymbolBlock load(PtNDManager manager, String signature, String... body) {
        StringBuilder code = new StringBuilder("class Norm(Module):\n"
                + "  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
                + "  def forward(self: __torch__.Norm, " + signature + ":\n");
        for (String line : body) {
            code.append("    ").append(line).append('\n');
        }
        try (ByteArrayInputStream archive = new ByteArrayInputStream(archive(code.toString()))) {
            return JniUtils.loadModule(manager, archive, false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] archive(String code) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "norm/data.pkl", MODULE);
            store(zip, "norm/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
            store(zip, "norm/constants.pkl", NO_CONSTANTS);
            store(zip, "norm/version", "3\n".getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    private static byte[] pickle(String opcodes) {
        return ("\u0080\u0002" + opcodes).getBytes(StandardCharsets.ISO_8859_1);
    }
}
