package konaplate;

import com.google.gson.annotations.SerializedName;

/** Whether a call may have been carried out. */
public enum Delivery {
    /** Nothing that could be carried out left this program. */
    @SerializedName("not-sent")
    NOT_SENT("not-sent"),
    /** The platform proves that neither this request nor an earlier one of the same bytes was carried out. */
    @SerializedName("not-carried-out")
    NOT_CARRIED_OUT("not-carried-out"),
    /** The platform declined this request. That is no proof about an earlier one of the same bytes. */
    @SerializedName("declined")
    DECLINED("declined"),
    /** The same request may have been carried out before. */
    @SerializedName("earlier-call")
    EARLIER_CALL("earlier-call"),
    /** Unknown. Ask for the outcome before anything is sent again. */
    @SerializedName("maybe-processed")
    MAYBE_PROCESSED("maybe-processed");

    /** The response header that says it. */
    public static final String HEADER = "Konaplate-Delivery";

    private final String word;

    Delivery(String word) {
        this.word = word;
    }

    /**
     * The word of the description, such as {@code maybe-processed}.
     *
     * @return the word
     */
    public String word() {
        return word;
    }
}
