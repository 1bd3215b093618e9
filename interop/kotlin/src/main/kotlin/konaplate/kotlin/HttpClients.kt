package konaplate.kotlin

import java.time.Duration
import okhttp3.Interceptor
import okhttp3.OkHttpClient

/** A client whose calls go to the platform, signed and encrypted. */
public fun konaplateHttpClient(settings: Settings): OkHttpClient = client(KonaplateInterceptor(settings))

/** A client for calls to a gateway, which signs and encrypts. */
public fun gatewayHttpClient(timeLimit: Duration = Duration.ofSeconds(30)): OkHttpClient = client(SingleDelivery(timeLimit))

/** Nothing is sent twice, and no redirect is followed: it is no response of the platform. */
private fun client(interceptor: Interceptor) =
    OkHttpClient.Builder()
        .followRedirects(false)
        .followSslRedirects(false)
        .retryOnConnectionFailure(false)
        // The interceptor limits the whole call; OkHttp's own limits of 10 s would end it before.
        .connectTimeout(Duration.ZERO)
        .readTimeout(Duration.ZERO)
        .writeTimeout(Duration.ZERO)
        .addInterceptor(interceptor)
        .build()
