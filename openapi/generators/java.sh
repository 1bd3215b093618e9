# What the recipes for Java share: the generated project, with the probe in it.
source "$GENERATORS/openapi-generator.sh"

# project <library> <option>...
project() {
    openapi-generator -g java --library "$1" -o "$OUT/kona" \
        --additional-properties=invokerPackage=kona,apiPackage=kona.api,modelPackage=kona.model,hideGenerationTimestamp=true "${@:2}"
    rm -rf "$OUT/kona/src/test"
    cp "${PROBE:-$HERE/Probe.java}" "$GENERATORS/java/Say.java" "$OUT/kona/src/main/java/"
}

compile() {
    cd "$OUT/kona"
    mvn -q -B -Dstyle.color=never compile
    mvn -q -B -Dstyle.color=never dependency:build-classpath -Dmdep.outputFile="$OUT/classpath"
}

probe() { java -cp "$OUT/kona/target/classes:$(cat "$OUT/classpath")" Probe; }
