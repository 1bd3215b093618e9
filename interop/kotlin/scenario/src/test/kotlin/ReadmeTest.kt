import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler

/** Compiles the Kotlin blocks of the README as they are printed, and runs each against a sandbox that was just started. */
class ReadmeTest {
    private val folder: Path = Files.createTempDirectory("readme")
    private val fence = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
    private val blocks = fence.findAll(File("../README.md").readText()).map { it.groupValues[1] }.toList()
    private val classpath: String = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
    private val program: String =
        File(System.getenv("KONAPLATE_PROGRAM") ?: "../../../target/debug/konaplate").absolutePath

    private val expected =
        listOf(
            "issued a token of 16 characters",
            "issued a token of 16 characters",
            "declined, code 007_009, HTTP status 400",
            "declined, code 007_009",
        )

    @Test
    fun `each block prints what it should`() {
        assertEquals(expected.size, blocks.size)
        val printed = blocks.mapIndexed { index, block -> run(compile(index, block), needsGateway = "gatewayHttpClient" in block) }
        assertEquals(expected, printed)
    }

    @Test
    fun `a first call takes at most 20 lines`() {
        for (block in blocks) assertTrue(block.lines().count { it.isNotBlank() } <= 20, block)
    }

    private fun compile(index: Int, block: String): Path {
        val classes = folder.resolve("$index")
        val source = folder.resolve("block$index.kt").apply { toFile().writeText(block) }
        val exit =
            K2JVMCompiler()
                .exec(System.err, "-no-stdlib", "-no-reflect", "-Werror", "-classpath", classpath, "-d", "$classes", "$source")
        assertEquals(ExitCode.OK, exit, "block $index")
        return classes
    }

    private fun run(classes: Path, needsGateway: Boolean): String {
        val environment = classes.resolve("sandbox.env")
        val command =
            if (needsGateway) {
                listOf(program, "gateway", "--listen", "127.0.0.1:0", "--sandbox")
            } else {
                listOf(program, "sandbox", "--listen", "127.0.0.1:0", "--env-file", "$environment")
            }
        val server = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start()
        try {
            val listening = "listening on "
            val address = server.inputStream.bufferedReader().lineSequence().first { it.startsWith(listening) }.removePrefix(listening)
            val main = classes.toFile().list { _, name -> name.endsWith("Kt.class") }!!.single().removeSuffix(".class")
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
            val builder = ProcessBuilder(java, "-cp", "$classes:$classpath", main).redirectError(ProcessBuilder.Redirect.INHERIT)
            builder.environment()["KONAPLATE_GATEWAY"] = address
            if (!needsGateway) {
                val variables = environment.toFile().readLines().filter { it.startsWith("KONAPLATE_") }
                builder.environment() += variables.associate { it.substringBefore('=') to it.substringAfter('=') }
            }
            val run = builder.start()
            val printed = run.inputStream.bufferedReader().readText().trim()
            assertTrue(run.waitFor(60, TimeUnit.SECONDS))
            assertEquals(0, run.exitValue())
            return printed
        } finally {
            server.destroy()
        }
    }
}
