import com.fasterxml.jackson.databind.ObjectMapper
import konaplate.client.apis.AutoRechargesApi
import konaplate.client.apis.GiftsApi
import konaplate.client.apis.MembersApi
import konaplate.client.apis.PaymentsApi
import konaplate.client.apis.RechargesApi
import konaplate.client.infrastructure.ApiException
import konaplate.client.models.CreateCreditCardRechargeRequestBody
import konaplate.client.models.GetBankRechargeResultRequestBody
import konaplate.client.models.GetMemberRequestBody
import konaplate.client.models.GiftPrepaidCardRequestBody
import konaplate.client.models.IssueOneTimeTokenRequestBody
import konaplate.client.models.IssueOneTimeTokenResponseBody
import konaplate.client.models.ListCardTransactionsRequestBody
import konaplate.client.models.MessageLanguage
import konaplate.client.models.OneTimeTokenType
import konaplate.client.models.OrderByDirection
import konaplate.client.models.PageRequest
import konaplate.client.models.PayWithTokenRequestBody
import konaplate.client.models.RechargeFromBankAccountRequestBody
import konaplate.client.models.UpdateLowerLimitAutoRechargeRequestBody
import konaplate.kotlin.Settings
import konaplate.kotlin.gatewayHttpClient
import konaplate.kotlin.konaplateHttpClient
import okhttp3.Call
import okhttp3.OkHttpClient

private const val CARD = "9491339401250765"
private const val MERCHANT = "410195430033901"
private const val LARGEST_MEMBER = 9999999999999999999uL

/** Makes the calls of the scenario, and prints what came of each as one JSON document. */
fun main(arguments: Array<String>) {
    val (baseUrl, client) =
        when (arguments.single()) {
            "gateway" -> System.getenv("KONAPLATE_GATEWAY") to gatewayHttpClient()
            "middleware" -> Settings.fromEnvironment().let { it.baseUrl.toString() to konaplateHttpClient(it) }
            else -> error("the mode is gateway or middleware")
        }
    println(ObjectMapper().writeValueAsString(Scenario(baseUrl, client).run()))
}

private class Scenario(private val baseUrl: String, private val client: OkHttpClient) {
    private val autoRecharges = AutoRechargesApi(baseUrl, client)
    private val gifts = GiftsApi(baseUrl, client)
    private val members = MembersApi(baseUrl, client)
    private val payments = PaymentsApi(baseUrl, client)
    private val recharges = RechargesApi(baseUrl, client)

    fun run(): Map<String, Any> {
        // The refusal is of the very same request, so the token of the first step serves both.
        val token = runCatching { issue(CARD) }
        fun bankRecharge() = recharges.rechargeFromBankAccount(bankRecharge("BANK-1", 10000000001uL, 20000, token.getOrThrow()))
        return mapOf(
            "token" to outcome {
                token.getOrThrow().run {
                    fields("oneTimeToken" to oneTimeToken, "dcvv" to dcvv, "expiryTime" to expiryTime.toString())
                }
            },
            "bank-recharge" to outcome {
                bankRecharge().run { fields("nrNumber" to nrNumber, "isPending" to isPending, "result" to result) }
            },
            "bank-recharge-result" to outcome { bankRechargeResult(recharges) },
            "refusal" to outcome {
                bankRecharge().run { fields("nrNumber" to nrNumber, "isPending" to isPending, "result" to result) }
            },
            "credit-card-recharge" to outcome { creditCardRecharge() },
            "auto-recharge-update" to outcome { autoRechargeUpdate() },
            "gift" to outcome { gift() },
            "payment" to outcome { payment() },
            "history" to outcome { history() },
            "largest-member" to outcome { largestMember() },
            "unknown-enum" to outcome { bankRechargeResult(withFault("unknown-enum-value")) },
            "unknown-field" to outcome { bankRechargeResult(withFault("extra-fields")) },
            "unknown-code" to outcome { bankRechargeResult(withFault("unknown-code")) },
            "html" to outcome { bankRechargeResult(withFault("html-after:502")) },
        )
    }

    private fun issue(cardNo: String, type: OneTimeTokenType? = null) =
        payments.issueOneTimeToken(IssueOneTimeTokenRequestBody(cardNo, type))

    private fun bankRecharge(sequenceId: String, userId: ULong, amount: Long, token: IssueOneTimeTokenResponseBody) =
        RechargeFromBankAccountRequestBody(sequenceId, userId, amount, token.oneTimeToken, token.dcvv, MERCHANT)

    private fun bankRechargeResult(api: RechargesApi) =
        fields("result" to api.getBankRechargeResult(GetBankRechargeResultRequestBody("BANK-1")).result)

    /** The generated client takes any factory of calls: this one sets a header that the description does not have. */
    private fun withFault(fault: String) =
        RechargesApi(
            baseUrl,
            Call.Factory { client.newCall(it.newBuilder().header("X-Sandbox-Fault", fault).build()) },
        )

    private fun creditCardRecharge(): Map<String, Any> {
        val token = issue("9491330000000032", OneTimeTokenType.CREDIT)
        val recharge =
            recharges.createCreditCardRecharge(
                CreateCreditCardRechargeRequestBody(
                    sequenceId = "CREDIT-1",
                    userId = 10000000003uL,
                    amount = 10000,
                    oneTimeToken = token.oneTimeToken,
                    dcvv = token.dcvv,
                    affiliateId = "000170000001000",
                ),
            )
        return fields("transactionId" to recharge.transactionId, "redirectUrl" to recharge.redirectUrl)
    }

    private fun autoRechargeUpdate(): Map<String, Any> {
        val update =
            autoRecharges.updateLowerLimitAutoRecharge(
                UpdateLowerLimitAutoRechargeRequestBody(
                    userId = 10000000001uL,
                    par = "Q1000000000000000000000105A",
                    amount = 30000,
                    thresholdBalance = 10000,
                ),
            )
        return fields("code" to update.response.code)
    }

    private fun gift(): Map<String, Any> {
        val token = issue("9491330000001014")
        val gift =
            gifts.giftPrepaidCard(
                GiftPrepaidCardRequestBody(
                    senderUserId = "10000000001",
                    receiverName = "김코코",
                    receiverPhone = "01000000002",
                    serviceId = "000170000003000",
                    amount = 30000,
                    oneTimeToken = token.oneTimeToken,
                    dcvv = token.dcvv,
                    locale = MessageLanguage.KO,
                ),
            )
        return fields("transferId" to gift.transferId)
    }

    private fun payment(): Map<String, Any> {
        val token = issue(CARD)
        val payment =
            payments.payWithToken(
                PayWithTokenRequestBody(
                    amount = 12000,
                    channel = "OPENAPI",
                    merchantId = MERCHANT,
                    oneTimeToken = token.oneTimeToken,
                    dcvv = token.dcvv,
                    transactionId = "20260315104512000001",
                ),
            )
        return payment.run {
            fields(
                "approvalCode" to approvalCode,
                "approvalTime" to approvalTime,
                "balance" to balance,
                "cardNo" to cardNo,
                "nrNumber" to nrNumber,
            )
        }
    }

    private fun history(): Map<String, Any> {
        val items = mutableListOf<Map<String, Any>>()
        var pages = 0L
        do {
            val page =
                payments.listCardTransactions(
                    ListCardTransactionsRequestBody(
                        userId = 10000000001uL,
                        par = "Q180BEA3B2F1BBD8410336D66A4",
                        startDate = "20200101",
                        endDate = "20991231",
                        pageRequest = PageRequest(page = pages, pageSize = 1, orderByDirection = OrderByDirection.ASC),
                    ),
                )
            pages += 1
            page.transactionInfo.orEmpty().mapTo(items) {
                fields("trType" to it.trType, "trAmount" to it.trAmount, "balanceAfter" to it.balanceAfter)
            }
        } while (pages < (page.pageResponse?.totalPages ?: 0))
        return fields("pages" to pages, "items" to items)
    }

    private fun largestMember(): Map<String, Any> {
        val token = issue("9491330000000123")
        val recharge = recharges.rechargeFromBankAccount(bankRecharge("BANK-2", LARGEST_MEMBER, 1000, token))
        val member = members.getMember(GetMemberRequestBody(LARGEST_MEMBER)).userInfo
        return fields("isPending" to recharge.isPending, "userId" to member.userId.toString())
    }
}

private fun outcome(step: () -> Map<String, Any>): Map<String, Any> =
    try {
        step()
    } catch (e: ApiException) {
        mapOf("failure" to mapOf("code" to e.code, "status" to e.statusCode, "delivery" to e.delivery))
    }

/** The fields that are there. */
private fun fields(vararg fields: Pair<String, Any?>): Map<String, Any> =
    buildMap { fields.forEach { (name, value) -> if (value != null) put(name, value) } }
