# openapi-generator <options>: the generator of that name, at one version for all.
openapi-generator() {
    local version=7.25.0 jar
    jar=$TOOLS/openapi-generator-cli-$version.jar
    if [ ! -e "$jar" ]; then
        mvn -q -B dependency:copy -DoutputDirectory="$TOOLS" -Dartifact="org.openapitools:openapi-generator-cli:$version"
    fi
    java -jar "$jar" generate -i "$SPEC" "$@"
}
