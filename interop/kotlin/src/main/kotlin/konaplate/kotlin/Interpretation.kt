package konaplate.kotlin

import java.security.interfaces.RSAPrivateKey

/** What a response of the platform means for a program. */
public sealed interface Interpretation {
    /** The call was carried out or accepted. @property body the plain JSON. */
    public class Success(public val body: ByteArray) : Interpretation

    /** The platform says why the call failed. @property body the plain JSON. */
    public class Failure(public val body: ByteArray, public val code: String, public val delivery: String) : Interpretation

    /** What came is no response of the platform. @property rule that it breaks; it quotes nothing of what came. */
    public class Problem(public val rule: String) : Interpretation {
        public val delivery: String get() = MAYBE_PROCESSED
    }
}

/**
 * Interprets a response, and decrypts its body if it is encrypted.
 *
 * @param path of the operation, behind the base URL.
 */
public fun interpret(path: String, status: Int, body: ByteArray, key: RSAPrivateKey): Interpretation {
    if (status in 300..399) return Interpretation.Problem("a redirect is not followed")
    val outer = readEnvelope(body) ?: return Interpretation.Problem("the body is no JSON object that can be read")
    val plain =
        try {
            outer.encData?.let { decrypt(it, key) } ?: body
        } catch (_: DecryptException) {
            return Interpretation.Problem("encData cannot be decrypted")
        }
    val code = (if (outer.encData == null) outer else readEnvelope(plain))?.code
    return when {
        code == null -> Interpretation.Problem("the JSON has no response.code")
        code != SUCCESS -> Interpretation.Failure(plain, code, delivery(path, status, code))
        status in 200..299 -> Interpretation.Success(plain)
        else -> Interpretation.Problem("response.code is of success, and the status is not")
    }
}

private const val SUCCESS = "000_000"
