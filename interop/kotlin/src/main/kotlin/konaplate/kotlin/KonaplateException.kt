package konaplate.kotlin

import java.io.IOException

/**
 * A call that has no response. Its text holds nothing of the request.
 *
 * @property delivery `not-sent` where nothing left this machine, else `maybe-processed`: ask for the outcome before anything is sent again.
 * @property correlationId KONA finds the call by it. Null where the request could not be sent.
 */
public class KonaplateException internal constructor(
    message: String,
    public val delivery: String,
    public val correlationId: String?,
    cause: IOException? = null,
) : IOException(message, cause)
