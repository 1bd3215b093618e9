package konaplate.kotlin

import java.time.Duration
import okhttp3.OkHttpClient

/** A client whose calls go to the platform, signed and encrypted. */
public fun konaplateHttpClient(settings: Settings): OkHttpClient =
    singleDelivery(settings.timeLimit).addInterceptor(KonaplateInterceptor(settings)).build()

/** A client for calls to a gateway, which signs and encrypts. */
@JvmOverloads
public fun gatewayHttpClient(timeLimit: Duration = Duration.ofSeconds(30)): OkHttpClient =
    singleDelivery(timeLimit).addInterceptor(SingleDelivery).build()

/** Nothing is sent twice, and no redirect is followed: it is no response of the platform. */
private fun singleDelivery(timeLimit: Duration) =
    OkHttpClient.Builder()
        .followRedirects(false)
        .followSslRedirects(false)
        .retryOnConnectionFailure(false)
        .callTimeout(timeLimit)
        // OkHttp's own limits of 10 s would end a call before that.
        .connectTimeout(timeLimit)
        .readTimeout(timeLimit)
        .writeTimeout(timeLimit)
