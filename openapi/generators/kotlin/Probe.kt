import kona.apis.MembersApi
import kona.apis.RechargesApi
import kona.infrastructure.ClientError
import kona.infrastructure.ClientException
import kona.infrastructure.ServerError
import kona.infrastructure.ServerException
import kona.models.GetBankRechargeResultRequestBody

fun quoted(text: Any?) = "\"" + text.toString().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\""

fun say(step: String, value: Any?, how: String = "") =
    println("""{"step":${quoted(step)},"value":${quoted(value)},"how":${quoted(how)}}""")

fun attempt(step: String, call: () -> Unit) = try {
    call()
} catch (e: Exception) {
    println("""{"step":${quoted(step)},"error":${quoted(e::class.simpleName + ": " + e.message)}}""")
}

fun main() {
    val server = System.getenv("SERVER")
    attempt("id") { say("id", MembersApi(server).getMember(member()).userInfo.userId) }
    for (step in listOf("enum", "field", "failure", "problem", "html")) {
        attempt(step) {
            try {
                val body = GetBankRechargeResultRequestBody(sequenceId = step.uppercase())
                say(step, RechargesApi(server).getBankRechargeResult(body).result)
            } catch (e: ClientException) {
                val text = (e.response as? ClientError<*>)?.body.toString()
                say(step, Regex("\"code\": ?\"(.*?)\"").find(text)!!.groupValues[1], "error, body as text")
            } catch (e: ServerException) {
                val text = (e.response as? ServerError<*>)?.body.toString()
                val word = Regex("\"delivery\": ?\"(.*?)\"").find(text)
                if (word != null) say(step, word.groupValues[1], "error, body as text")
                else say(step, e.statusCode, "error with status")
            }
        }
    }
    System.exit(0)
}
