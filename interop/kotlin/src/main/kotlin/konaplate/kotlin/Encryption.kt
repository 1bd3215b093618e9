package konaplate.kotlin

import com.nimbusds.jose.EncryptionMethod
import com.nimbusds.jose.JOSEException
import com.nimbusds.jose.JWEAlgorithm
import com.nimbusds.jose.JWEHeader
import com.nimbusds.jose.JWEObject
import com.nimbusds.jose.Payload
import com.nimbusds.jose.crypto.RSADecrypter
import com.nimbusds.jose.crypto.RSAEncrypter
import java.security.interfaces.RSAPrivateKey
import java.security.interfaces.RSAPublicKey
import java.text.ParseException
import java.util.Base64

/** A JWE that is not decrypted. There is one such error for every reason. */
public class DecryptException internal constructor() : Exception("the JWE cannot be decrypted")

/** Encrypts a body: a compact JWE, RSA-OAEP-256 with A128GCM. */
public fun encrypt(plaintext: ByteArray, key: RSAPublicKey): String =
    JWEObject(JWEHeader(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A128GCM), Payload(plaintext))
        .apply { encrypt(RSAEncrypter(key)) }
        .serialize()

/**
 * Decrypts a compact JWE. What the library would let pass, or do beside decrypting, is refused before it sees the text.
 *
 * @throws DecryptException whatever the reason.
 */
public fun decrypt(jwe: String, key: RSAPrivateKey): ByteArray {
    requireStrictForm(jwe, key)
    return try {
        JWEObject.parse(jwe).apply { decrypt(RSADecrypter(key)) }.payload.toBytes()
    } catch (_: ParseException) {
        throw DecryptException()
    } catch (_: JOSEException) {
        throw DecryptException()
    } catch (_: IllegalStateException) {
        throw DecryptException()
    }
}

private fun requireStrictForm(jwe: String, key: RSAPrivateKey) {
    val parts = jwe.split('.').map { canonicalBase64Url(it) ?: throw DecryptException() }
    val isStrict =
        parts.size == 5 &&
            parts[1].size == (key.modulus.bitLength() + 7) / 8 &&
            parts[2].size == 12 &&
            parts[3].isNotEmpty() &&
            parts[4].size == 16
    val header = parts[0].takeIf { isStrict }?.let(::readObject) ?: throw DecryptException()
    val isAllowed =
        header.hasUniqueNames &&
            header["alg"] == "RSA-OAEP-256" &&
            header["enc"] in setOf("A128GCM", "A256GCM") &&
            CHANGES_THE_MEANING.none { it in header.names }
    if (!isAllowed) throw DecryptException()
}

/** The bytes, if the text is their only base64url: no padding, no unused bits, no other characters. */
private fun canonicalBase64Url(text: String): ByteArray? =
    try {
        Base64.getUrlDecoder().decode(text).takeIf { ENCODER.encodeToString(it) == text }
    } catch (_: IllegalArgumentException) {
        null
    }

private val ENCODER = Base64.getUrlEncoder().withoutPadding()
private val CHANGES_THE_MEANING = setOf("crit", "zip", "b64")
