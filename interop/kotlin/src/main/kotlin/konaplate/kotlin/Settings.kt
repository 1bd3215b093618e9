package konaplate.kotlin

import java.security.KeyFactory
import java.security.PrivateKey
import java.security.PublicKey
import java.security.cert.CertificateFactory
import java.security.interfaces.RSAKey
import java.security.interfaces.RSAPrivateKey
import java.security.interfaces.RSAPublicKey
import java.security.spec.PKCS8EncodedKeySpec
import java.security.spec.X509EncodedKeySpec
import java.time.Duration
import java.util.Base64
import okhttp3.HttpUrl
import okhttp3.HttpUrl.Companion.toHttpUrlOrNull

/**
 * What a call needs. Keys are text: PEM, or the base64 of their DER in one line.
 *
 * @param baseUrl where the API is; it may have a path (`https://host/open-api`).
 * @param serverPublicKey requests are encrypted with it: SubjectPublicKeyInfo or an X.509 certificate.
 * @param clientPrivateKey responses are decrypted with it: PKCS#8.
 * @param timeLimit of a whole call. Default: 20 s, less than a one-time token lives.
 * @throws IllegalArgumentException names the variable and the rule, never the value.
 */
public class Settings(
    baseUrl: String,
    internal val aspId: String,
    internal val accessKey: String,
    internal val secretKey: String,
    internal val cryptoKeyId: String,
    serverPublicKey: String,
    clientPrivateKey: String,
    public val timeLimit: Duration = Duration.ofSeconds(20),
) {
    public val baseUrl: HttpUrl =
        requireNotNull(baseUrl.trimEnd('/').toHttpUrlOrNull()?.takeIf { it.query == null && it.fragment == null }) {
            "KONAPLATE_BASE_URL must be an http or https URL without query and fragment"
        }
    internal val serverPublicKey: RSAPublicKey = publicKey("KONAPLATE_SERVER_PUBLIC_KEY", serverPublicKey)
    internal val clientPrivateKey: RSAPrivateKey = privateKey("KONAPLATE_CLIENT_PRIVATE_KEY", clientPrivateKey)

    init {
        requireHeaderText("KONAPLATE_ASP_ID", aspId, 15)
        requireHeaderText("KONAPLATE_ACCESS_KEY", accessKey, 40)
        requireHeaderText("KONAPLATE_CRYPTO_KEY_ID", cryptoKeyId, 32)
        require(secretKey.isNotEmpty()) { "KONAPLATE_SECRET_KEY must not be empty" }
        require(!timeLimit.isNegative && !timeLimit.isZero) { "timeLimit must be above zero" }
    }

    /** Shows where calls go to, and no secret. */
    override fun toString(): String = "Settings($baseUrl)"

    public companion object {
        /** The settings in the seven `KONAPLATE_` variables. */
        public fun fromEnvironment(environment: Map<String, String> = System.getenv()): Settings {
            fun read(name: String) = requireNotNull(environment[name]?.takeIf { it.isNotEmpty() }) { "$name is not set" }
            return Settings(
                baseUrl = read("KONAPLATE_BASE_URL"),
                aspId = read("KONAPLATE_ASP_ID"),
                accessKey = read("KONAPLATE_ACCESS_KEY"),
                secretKey = read("KONAPLATE_SECRET_KEY"),
                cryptoKeyId = read("KONAPLATE_CRYPTO_KEY_ID"),
                serverPublicKey = read("KONAPLATE_SERVER_PUBLIC_KEY"),
                clientPrivateKey = read("KONAPLATE_CLIENT_PRIVATE_KEY"),
            )
        }
    }
}

private fun requireHeaderText(name: String, value: String, length: Int) =
    require(value.length == length && value.all { it in '!'..'~' }) {
        "$name must have $length characters, all of them visible ASCII"
    }

/** Reads an RSA public key: SubjectPublicKeyInfo or an X.509 certificate. [name] is what an error calls it. */
public fun publicKey(name: String, text: String): RSAPublicKey =
    key(name, text, "an RSA key of at least 2048 bits, as SubjectPublicKeyInfo or X.509 certificate") { der ->
        spki(der) ?: CertificateFactory.getInstance("X.509").generateCertificate(der.inputStream()).publicKey
    } as RSAPublicKey

/** Reads an RSA private key: PKCS#8. [name] is what an error calls it. */
public fun privateKey(name: String, text: String): RSAPrivateKey =
    key(name, text, "an RSA key of at least 2048 bits, as PKCS#8") { der ->
        KeyFactory.getInstance("RSA").generatePrivate(PKCS8EncodedKeySpec(der)) as PrivateKey
    } as RSAPrivateKey

private fun spki(der: ByteArray): PublicKey? =
    runCatching { KeyFactory.getInstance("RSA").generatePublic(X509EncodedKeySpec(der)) }.getOrNull()

private inline fun <K> key(name: String, text: String, rule: String, parse: (ByteArray) -> K): K {
    val armor = Regex("-----(BEGIN|END) [A-Z0-9 ]+-----")
    // The cause is left out: it may quote what it could not read.
    val key = runCatching { parse(Base64.getDecoder().decode(text.replace(armor, "").filterNot(Char::isWhitespace))) }
    return requireNotNull(key.getOrNull()?.takeIf { it is RSAKey && it.modulus.bitLength() >= 2048 }) {
        "$name must be $rule, in PEM or in base64 of its DER"
    }
}
