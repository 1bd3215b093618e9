package konaplate;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** The id of one call: {@code yyMMddHHmmss-} and seven lower-case hex digits. */
public final class CorrelationId {
    private static final Pattern FORM = Pattern.compile("[0-9]{12}-[0-9a-f]{7}");
    private static final int MASK = 0xfffffff;
    private static final AtomicInteger CALLS = new AtomicInteger();
    private static final int START;
    private static final int STEP;

    static {
        SecureRandom random = new SecureRandom();
        START = random.nextInt();
        // Odd, so that none of 2^28 numbers comes twice before all have come once.
        STEP = random.nextInt() | 1;
    }

    private CorrelationId() {}

    /**
     * A new id.
     *
     * @param at the time of the call
     * @param zone the zone of {@code X-KM-Time-Zone}
     * @return 20 characters
     */
    public static String fresh(Instant at, ZoneOffset zone) {
        return of(at, zone, START + CALLS.getAndIncrement() * STEP);
    }

    /**
     * The id with this number.
     *
     * @param at the time of the call
     * @param zone the zone of {@code X-KM-Time-Zone}
     * @param number its lower 28 bits are used
     * @return 20 characters
     */
    public static String of(Instant at, ZoneOffset zone, int number) {
        return Signing.timestamp(at, zone).substring(2, 14) + String.format("-%07x", number & MASK);
    }

    /**
     * Whether a text has the form of an id.
     *
     * @param id the text
     * @return true if it has
     */
    public static boolean isValid(String id) {
        return FORM.matcher(id).matches();
    }
}
