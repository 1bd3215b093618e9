import com.fasterxml.jackson.databind.DeserializationFeature
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.json.JsonMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import java.io.File
import java.time.Instant
import java.util.Base64
import konaplate.kotlin.DecryptException
import konaplate.kotlin.Interpretation
import konaplate.kotlin.Zone
import konaplate.kotlin.correlationId
import konaplate.kotlin.decrypt
import konaplate.kotlin.delivery
import konaplate.kotlin.interpret
import konaplate.kotlin.isCorrelationId
import konaplate.kotlin.privateKey
import konaplate.kotlin.readEnvelope
import konaplate.kotlin.sign

private val MAPPER = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build()

/** Runs every case of the folder, and prints what passed and what failed as one JSON document. */
fun main(arguments: Array<String>) {
    val folder = File(arguments.single())
    val cases = Cases(folder.resolve("keys"))
    val report = MAPPER.createObjectNode()
    for ((file, check) in cases.checks) report.set<JsonNode>(file, run(folder.resolve("$file.json"), check))
    println(MAPPER.writeValueAsString(report))
}

private fun run(file: File, check: (JsonNode) -> String?): ObjectNode {
    val report = MAPPER.createObjectNode()
    val failed = MAPPER.createArrayNode()
    var passed = 0
    for (case in MAPPER.readTree(file)["cases"]) {
        // The other form is of a client that signs the base64 text: a middleware signs the bytes alone.
        if (case.path("form").asText("raw_body") != "raw_body") continue
        // A case that cannot be run has failed.
        val why = runCatching { check(case) }.getOrElse { it.toString() }
        if (why == null) passed += 1 else failed.addObject().put("name", case["name"].asText()).put("why", why)
    }
    report.put("passed", passed)
    report.set<JsonNode>("failed", failed)
    return report
}

/** How a case of each file is checked: null if it passes, else why it does not. */
private class Cases(private val keys: File) {
    val checks: Map<String, (JsonNode) -> String?> =
        mapOf(
            "signing" to ::signing,
            "correlation_ids" to ::correlationIds,
            "jwe_jose" to ::jwe,
            "jwe_jwcrypto" to ::jwe,
            "jwe_konaplate" to ::jwe,
            "jwe_negative" to ::jweNegative,
            "envelopes" to ::envelopes,
            "responses" to ::responses,
            "verdicts" to ::verdicts,
        )

    private fun signing(case: JsonNode): String? {
        val at = Instant.ofEpochMilli(case["epoch_ms"].asLong())
        val signature = sign(case.text("secret"), case.bytes("body_base64"), at, Zone.valueOf(case.text("zone")))
        return different("timestamp", case.text("timestamp"), signature.timestamp)
            ?: different("tran_time", case.text("tran_time"), signature.tranTime)
            ?: different("token", case.text("token"), signature.token)
    }

    private fun correlationIds(case: JsonNode): String? =
        when (case.text("kind")) {
            "make" -> {
                val at = Instant.ofEpochMilli(case["epoch_ms"].asLong())
                different("id", case.text("id"), correlationId(at, Zone.valueOf(case.text("zone")), case.text("hex")))
            }
            "check" -> different("valid", case["valid"].asBoolean(), isCorrelationId(case.text("id")))
            else -> "unknown kind"
        }

    private fun jwe(case: JsonNode): String? {
        if (case["needs_rsa_oaep_sha1"].asBoolean()) return jweNegative(case)
        return if (decrypt(case.text("jwe"), key(case)).contentEquals(case.bytes("plaintext_base64"))) null else "another plaintext"
    }

    private fun jweNegative(case: JsonNode): String? =
        try {
            decrypt(case.text("jwe"), key(case))
            "decrypted"
        } catch (_: DecryptException) {
            null
        }

    private fun envelopes(case: JsonNode): String? {
        val envelope = readEnvelope(case.bytes("body_base64"))
        return different("enc_data", case["enc_data"].textValue(), envelope?.encData)
            ?: different("code", case["code"].textValue(), envelope?.code)
    }

    private fun responses(case: JsonNode): String? {
        val status = case["status"].asInt()
        val expected = case["expect"]
        return when (val read = interpret(case.text("path"), status, case.bytes("body_base64"), key(case))) {
            is Interpretation.Success ->
                different("kind", expected.text("kind"), "success")
                    ?: different("plaintext", MAPPER.readTree(expected.bytes("plaintext_base64")), MAPPER.readTree(read.body))
            is Interpretation.Failure ->
                different("kind", expected.text("kind"), "failure")
                    ?: different("code", expected.text("code"), read.code)
                    ?: different("status", expected["status"].asInt(), status)
                    ?: different("delivery", expected.text("delivery"), read.delivery)
            is Interpretation.Problem ->
                different("kind", expected.text("kind"), "problem") ?: different("delivery", expected.text("delivery"), read.delivery)
        }
    }

    private fun verdicts(case: JsonNode): String? =
        different("delivery", case.text("delivery"), delivery(case.text("path"), case["status"].asInt(), case.text("code")))

    private fun key(case: JsonNode) = case.text("private_key").let { privateKey(it, keys.resolve(it).readText()) }
}

private fun JsonNode.text(name: String): String = get(name).textValue()

private fun JsonNode.bytes(name: String): ByteArray = Base64.getDecoder().decode(text(name))

private fun different(what: String, expected: Any?, actual: Any?): String? =
    if (expected == actual) null else "$what: expected $expected, got $actual"
