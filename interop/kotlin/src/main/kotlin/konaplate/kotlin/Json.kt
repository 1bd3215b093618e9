package konaplate.kotlin

import com.fasterxml.jackson.core.JsonFactory
import com.fasterxml.jackson.core.JsonParser
import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.core.JsonToken
import java.nio.ByteBuffer
import java.nio.charset.CharacterCodingException

/** A JSON object with its names as they came. A value is a text, a Boolean, an object, a list, or null for all else. */
internal class JsonObject(private val members: List<Pair<String, Any?>>) {
    val names get() = members.map { it.first }
    val hasUniqueNames get() = names.toSet().size == members.size

    operator fun get(name: String): Any? = members.lastOrNull { it.first == name }?.second
}

/** Reads a JSON object in UTF-8 from the first byte to the last. Null if the bytes are anything else. */
internal fun readObject(bytes: ByteArray): JsonObject? =
    try {
        // As text first: the parser would guess another encoding, and drop a byte order mark.
        val text = Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()
        JSON.createParser(text).use { parser ->
            parser.nextToken()
            (parser.readValue() as? JsonObject)?.takeIf { parser.nextToken() == null }
        }
    } catch (_: CharacterCodingException) {
        null
    } catch (_: JsonProcessingException) {
        null
    }

private fun JsonParser.readValue(): Any? =
    when (currentToken()) {
        JsonToken.VALUE_STRING -> text
        JsonToken.VALUE_TRUE -> true
        JsonToken.VALUE_FALSE -> false
        JsonToken.START_OBJECT -> JsonObject(readMembers())
        JsonToken.START_ARRAY -> readItems()
        else -> null
    }

private fun JsonParser.readMembers() = buildList {
    while (nextToken() != JsonToken.END_OBJECT) {
        val name = currentName()
        nextToken()
        add(name to readValue())
    }
}

private fun JsonParser.readItems() = buildList {
    while (nextToken() != JsonToken.END_ARRAY) add(readValue())
}

private val JSON = JsonFactory()
