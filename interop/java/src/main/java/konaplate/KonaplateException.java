package konaplate;

import java.io.IOException;
import java.util.Optional;

/**
 * There is no response: the call was not sent, or nothing came back.
 *
 * <p>The text holds nothing of request or response. The cause is the error of the network, if there was one.
 */
public final class KonaplateException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Whether the call may have been carried out. */
    private final Delivery delivery;
    /** The id of the call. Null if none was made. */
    private final String correlationId;

    KonaplateException(String rule) {
        super(rule + " (" + Delivery.NOT_SENT.word() + ")");
        this.delivery = Delivery.NOT_SENT;
        this.correlationId = null;
    }

    KonaplateException(String what, Delivery delivery, String correlationId, Throwable cause) {
        super(what + " (" + delivery.word() + ", " + correlationId + ")", cause);
        this.delivery = delivery;
        this.correlationId = correlationId;
    }

    /**
     * Whether the call may have been carried out.
     *
     * @return {@link Delivery#NOT_SENT} with proof only, else {@link Delivery#MAYBE_PROCESSED}
     */
    public Delivery delivery() {
        return delivery;
    }

    /**
     * The id by which the platform finds the call.
     *
     * @return empty if the request was refused before a call was made of it
     */
    public Optional<String> correlationId() {
        return Optional.ofNullable(correlationId);
    }
}
