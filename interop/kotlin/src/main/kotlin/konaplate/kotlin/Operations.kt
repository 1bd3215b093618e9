package konaplate.kotlin

/** What the description says of an operation: how its request is sent, and what the codes of its failures prove. */
internal class Operation(
    val movesMoney: Boolean,
    val encryptRequest: Boolean,
    val sendKeyId: Boolean,
    val proves: JsonObject?,
)

/** The operations by their path, and every known code. `operations.json` is made from the description. */
internal object Operations {
    private val document = checkNotNull(javaClass.getResourceAsStream("operations.json")?.use { readObject(it.readBytes()) })
    private val codes = (document["codes"] as List<*>).toSet()
    private val byPath = (document["operations"] as JsonObject).let { all -> all.names.associateWith { operation(all[it] as JsonObject) } }

    fun at(path: String): Operation? = byPath[path]

    fun isKnown(code: String): Boolean = code in codes

    private fun operation(flags: JsonObject) =
        Operation(
            movesMoney = flags["effect"] == "moves-money",
            encryptRequest = flags["encryptRequest"] == true,
            sendKeyId = flags["sendKeyId"] == true,
            proves = flags["proves"] as JsonObject?,
        )
}

/**
 * Says whether a call that failed may have been carried out: the word of `Konaplate-Delivery`.
 *
 * @param path of the operation, behind the base URL.
 * @param status HTTP status of the response.
 * @param code `response.code` of its body.
 */
public fun delivery(path: String, status: Int, code: String): String {
    val operation = Operations.at(path)
    val proven =
        when {
            // The vendor documents failures with this status alone: what another one proves, nobody knows.
            status != 400 || operation == null -> null
            operation.movesMoney -> operation.proves?.get(code) as String?
            Operations.isKnown(code) -> "declined"
            else -> null
        }
    return proven ?: MAYBE_PROCESSED
}

internal const val MAYBE_PROCESSED = "maybe-processed"
internal const val NOT_SENT = "not-sent"
