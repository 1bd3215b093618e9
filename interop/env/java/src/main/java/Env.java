import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvEntry;
import java.nio.file.Path;

/** Prints what is in a file of variables, NAME=value, one a line. */
public final class Env {
    public static void main(String[] arguments) {
        Path file = Path.of(arguments[0]).toAbsolutePath();
        Dotenv dotenv = Dotenv.configure()
            .directory(file.getParent().toString())
            .filename(file.getFileName().toString())
            .load();
        for (DotenvEntry entry : dotenv.entries(Dotenv.Filter.DECLARED_IN_ENV_FILE)) {
            System.out.println(entry.getKey() + "=" + entry.getValue());
        }
    }
}
