package konaplate.kotlin

/** What the outermost JSON object of a body says: [encData] of an encrypted one, [code] of a response. */
public class Envelope internal constructor(public val encData: String?, public val code: String?)

/**
 * Reads a body. Null where it is no JSON object, or where a name that decides something is there twice (`encData`, `response` and what is
 * in it): of two codes neither can be believed.
 */
public fun readEnvelope(body: ByteArray): Envelope? {
    val outer = readObject(body) ?: return null
    val response = outer["response"] as? JsonObject
    val isContradictory = listOf("encData", "response").any { name -> outer.names.count { it == name } > 1 }
    if (isContradictory || response?.hasUniqueNames == false) return null
    return Envelope(outer["encData"] as? String, response?.get("code") as? String)
}
