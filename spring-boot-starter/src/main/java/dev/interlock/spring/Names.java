package dev.interlock.spring;

import java.lang.reflect.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.Expression;
import org.springframework.expression.ParseException;
import org.springframework.expression.common.CompositeStringExpression;
import org.springframework.expression.common.LiteralExpression;
import org.springframework.expression.common.TemplateParserContext;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/**
 * A name of {@link Guarded}: its placeholders are resolved once, expressions over the arguments with each call.
 *
 * @param text without placeholders
 * @param expression null if there is none
 */
record Names(String text, @Nullable Expression expression) {
    private static final SpelExpressionParser PARSER = new SpelExpressionParser();
    private static final ParameterNameDiscoverer PARAMETERS = new DefaultParameterNameDiscoverer();

    /** @throws IllegalArgumentException saying what is wrong with it */
    static Names of(String written, ConfigurableBeanFactory beans) {
        String text = beans.resolveEmbeddedValue(written);
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException("'" + written + "' is no name");
        }
        try {
            return new Names(
                    text, text.contains("#{") ? PARSER.parseExpression(text, new TemplateParserContext()) : null);
        } catch (ParseException invalid) {
            throw new IllegalArgumentException("'" + written + "': " + invalid.getMessage(), invalid);
        }
    }

    boolean isFixed() {
        return expression == null;
    }

    String of(@Nullable Object target, Method method, @Nullable Object[] arguments) {
        if (expression == null) {
            return text;
        }
        MethodBasedEvaluationContext context =
                new MethodBasedEvaluationContext(Objects.requireNonNull(target), method, arguments, PARAMETERS);
        if (expression instanceof CompositeStringExpression parts) {
            StringBuilder name = new StringBuilder();
            for (Expression part : parts.getExpressions()) {
                name.append(value(part, context, method));
            }
            return name.toString();
        }
        return value(expression, context, method);
    }

    /** An argument that is null would lead to a circuit of a name without its end, which all such calls share. */
    private String value(Expression part, MethodBasedEvaluationContext context, Method method) {
        String value = part.getValue(context, String.class);
        if (value == null || value.isBlank() && !(part instanceof LiteralExpression)) {
            throw new IllegalArgumentException("The expression '" + part.getExpressionString() + "' in '" + text
                    + "' of " + method.getName() + " gave nothing; a circuit's name needs it");
        }
        return value;
    }
}
