package konaplate.kotlin

import com.nimbusds.jose.util.JSONObjectUtils
import java.time.Clock
import okhttp3.Headers
import okhttp3.Headers.Companion.headersOf
import okhttp3.Interceptor
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import okhttp3.Response
import okhttp3.ResponseBody.Companion.toResponseBody
import okio.Buffer

/**
 * Makes a plain request a signed and, where the operation wants it, encrypted call, and its response plain.
 *
 * It is an application interceptor. [konaplateHttpClient] makes a client with it. In another client it keeps a call from being sent twice
 * all the same, but a `callTimeout` there would hide what a [KonaplateException] says.
 *
 * @throws KonaplateException in place of a response.
 */
public class KonaplateInterceptor(private val settings: Settings, private val clock: Clock = Clock.systemUTC()) : Interceptor {
    override fun intercept(chain: Interceptor.Chain): Response {
        val path = pathOf(chain.request())
        val plain = bodyOf(chain.request())
        val at = clock.instant()
        val id = correlationId(at)
        val operation = Operations.at(path)
        val body = if (operation?.encryptRequest == true) encrypted(plain) else plain
        val signature = sign(settings.secretKey, body, at)
        val request =
            chain.request().newBuilder()
                .header("Accept", "application/json")
                .header("X-KM-User-AspId", settings.aspId)
                .header("X-KM-Access-Key", settings.accessKey)
                .header("X-KM-Correlation-Id", id)
                .header("X-KM-Time-Zone", Zone.KST.name)
                .header("X-KM-Tran-Time", signature.tranTime)
                .header("X-KM-Tran-Token", signature.token)
                .apply { if (operation?.sendKeyId == true) header("X-KM-Crypto-Key-Id", settings.cryptoKeyId) }
                .post(body.toRequestBody(JSON_TYPE))
                .build()
        val response = chain.sendOnce(request, settings.timeLimit, id)
        // A client that follows redirects did so: the call's own response is the first, and that is a redirect.
        val status = generateSequence(response) { it.priorResponse }.last().code
        return when (val read = interpret(path, status, response.body.bytes(), settings.clientPrivateKey)) {
            is Interpretation.Success -> response.json(read.body, headersOf(CORRELATION_ID, id))
            is Interpretation.Failure -> response.json(read.body, headersOf(CORRELATION_ID, id, DELIVERY, read.delivery))
            is Interpretation.Problem -> response.problem(read, id, status)
        }
    }

    /** The operation's path: what comes behind the base URL. A request to elsewhere would carry the access key there. */
    private fun pathOf(request: Request): String {
        val base = settings.baseUrl
        val prefix = base.encodedPath.trimEnd('/')
        val url = request.url
        val isBelow = url.scheme == base.scheme && url.host == base.host && url.port == base.port && url.encodedPath.startsWith("$prefix/")
        if (!isBelow) throw KonaplateException("the URL of the request is not below KONAPLATE_BASE_URL", NOT_SENT, null)
        return url.encodedPath.removePrefix(prefix)
    }

    private fun bodyOf(request: Request): ByteArray {
        if (request.method != "POST") throw KonaplateException("the method of the request is not POST", NOT_SENT, null)
        val body = Buffer().also { request.body?.writeTo(it) }.readByteArray()
        readObject(body) ?: throw KonaplateException("the body of the request is no JSON object", NOT_SENT, null)
        return body
    }

    private fun encrypted(plain: ByteArray) = """{"encData":"${encrypt(plain, settings.serverPublicKey)}"}""".toByteArray()
}

private fun Response.json(json: ByteArray, headers: Headers) =
    newBuilder().headers(headers).header("Content-Type", "application/json").body(json.toResponseBody(JSON_TYPE)).build()

/** What the gateway of this project says in the same case, so that one program works with both. */
private fun Response.problem(problem: Interpretation.Problem, correlationId: String, upstreamStatus: Int): Response {
    val members =
        mapOf(
            "type" to "urn:konaplate:problem:unexpected-response",
            "title" to "what came is no response of the platform",
            "status" to 502,
            "detail" to problem.rule,
            "delivery" to problem.delivery,
            "correlationId" to correlationId,
            "upstreamStatus" to upstreamStatus,
        )
    return newBuilder()
        .code(502)
        .message("Bad Gateway")
        .headers(headersOf(CORRELATION_ID, correlationId, DELIVERY, problem.delivery, "Content-Type", "application/problem+json"))
        .body(JSONObjectUtils.toJSONString(members).toResponseBody("application/problem+json".toMediaType()))
        .build()
}

private const val CORRELATION_ID = "X-KM-Correlation-Id"
private const val DELIVERY = "Konaplate-Delivery"
