import java.util.concurrent.Callable;

/** Prints what a step saw. */
final class Say {
    /** The steps that ask for the result of a recharge; the sequence id of each is its name in capitals. */
    static final String[] STEPS = {"enum", "field", "failure", "problem", "html"};

    private Say() {
    }

    static void say(String step, Object value, String how) {
        System.out.println("{\"step\":" + quoted(step) + ",\"value\":" + quoted(String.valueOf(value))
            + ",\"how\":" + quoted(how) + "}");
    }

    static void attempt(String step, Callable<?> call) {
        try {
            call.call();
        } catch (Exception e) {
            System.out.println("{\"step\":" + quoted(step) + ",\"error\":" + quoted(e.getClass().getSimpleName() + ": " + e.getMessage()) + "}");
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\r", "") + '"';
    }
}
