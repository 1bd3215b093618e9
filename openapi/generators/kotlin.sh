# What the recipes for Kotlin share.
source "$GENERATORS/openapi-generator.sh"

# project <option>...: MEMBER is the expression of a GetMemberRequestBody for the largest member.
project() {
    openapi-generator -g kotlin --library jvm-okhttp4 -o "$OUT/kona" "$@"
    cp "$GENERATORS/kotlin/pom.xml" "$OUT/kona/"
    cp "$GENERATORS/kotlin/Probe.kt" "$OUT/kona/src/main/kotlin/"
    cat >"$OUT/kona/src/main/kotlin/Member.kt" <<END
import kona.models.GetMemberRequestBody

fun member() = GetMemberRequestBody(userId = $MEMBER)
END
}

compile() {
    cd "$OUT/kona"
    mvn -q -B -Dstyle.color=never compile ${ARGUMENT:+"-Dargument=$ARGUMENT"}
    mvn -q -B -Dstyle.color=never dependency:build-classpath -Dmdep.outputFile="$OUT/classpath"
}

probe() { java -cp "$OUT/kona/target/classes:$(cat "$OUT/classpath")" ProbeKt; }
