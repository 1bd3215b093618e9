package konaplate.kotlin

import java.security.SecureRandom
import java.time.Instant
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import java.util.Base64
import java.util.Locale
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec

/** A zone that `X-KM-Time-Zone` can name. */
public enum class Zone(internal val offset: ZoneOffset) {
    KST(ZoneOffset.ofHours(9)),
    UTC(ZoneOffset.UTC),
}

/**
 * What signs a body.
 *
 * @property tranTime value of `X-KM-Tran-Time`: the second of the call, 14 digits.
 * @property timestamp the same instant with milliseconds, 17 digits.
 * @property token value of `X-KM-Tran-Token`.
 */
public class Signature internal constructor(
    public val tranTime: String,
    public val timestamp: String,
    public val token: String,
)

/** Signs the bytes of a body as they are sent. */
public fun sign(secretKey: String, body: ByteArray, at: Instant, zone: Zone = Zone.KST): Signature {
    val mac = Mac.getInstance("HmacSHA256").apply { init(SecretKeySpec(secretKey.toByteArray(), "HmacSHA256")) }
    val timestamp = MILLISECONDS.format(at.atOffset(zone.offset))
    val signed = Base64.getEncoder().encodeToString(mac.doFinal(body))
    return Signature(timestamp.take(14), timestamp, "KMV1:$timestamp:$signed")
}

/** Makes a correlation id of the time of the call and seven lower-case hex digits, which are random by default. */
public fun correlationId(at: Instant, zone: Zone = Zone.KST, hex: String = randomHex()): String =
    "${SECONDS.format(at.atOffset(zone.offset))}-$hex"

/** Whether a text has the form of a correlation id. */
public fun isCorrelationId(text: String): Boolean = CORRELATION_ID.matches(text)

private fun randomHex() = "%07x".format(Locale.ROOT, RANDOM.nextInt(1 shl 28))

private val RANDOM = SecureRandom()
private val CORRELATION_ID = Regex("[0-9]{12}-[0-9a-f]{7}")
private val MILLISECONDS = DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS", Locale.ROOT)
private val SECONDS = DateTimeFormatter.ofPattern("uuMMddHHmmss", Locale.ROOT)
