package dev.interlock.server.documents;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TableHead;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.CustomBlock;
import org.commonmark.node.CustomNode;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;

/** Reads pages as they are written, and writes them as HTML without anything inline. */
final class Markdown {
    private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

    private Markdown() {}

    static Node read(String source) {
        return PARSER.parse(source);
    }

    /** What is written in a node, without its marks. */
    static String text(Node node) {
        StringBuilder text = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text part) {
                text.append(part.getLiteral());
            }

            @Override
            public void visit(Code part) {
                text.append(part.getLiteral());
            }

            @Override
            public void visit(SoftLineBreak part) {
                text.append(' ');
            }
        });
        return text.toString();
    }

    /**
     * A page as HTML: what is wider than a narrow window can be moved sideways, also by keyboard.
     *
     * @param page which is changed by that
     * @param headings of the page, with their anchors
     */
    static String html(Node page, Headings headings) {
        page.accept(new Narrowed());
        return HtmlRenderer.builder()
                .extensions(EXTENSIONS)
                .escapeHtml(true)
                .nodeRendererFactory(ScrollableRenderer::new)
                .attributeProviderFactory(context -> (node, tag, attributes) -> {
                    if (node instanceof Heading heading) {
                        attributes.put("id", headings.anchor(heading));
                    } else if (node instanceof Link link && headings.isSelf(link)) {
                        attributes.put("class", "self");
                    } else if (tag.equals("pre")) {
                        attributes.put("tabindex", "0");
                    }
                })
                .build()
                .render(page);
    }

    /** Puts tables into boxes, and takes away what only those who write the page need. */
    private static final class Narrowed extends AbstractVisitor {
        private String part = "";
        private int tables;

        @Override
        public void visit(Heading heading) {
            part = text(heading);
            tables = 0;
        }

        @Override
        public void visit(HtmlBlock html) {
            if (html.getLiteral().startsWith("<!--")) {
                html.unlink();
            }
        }

        @Override
        public void visit(CustomBlock block) {
            if (block instanceof TableBlock table) {
                withoutEmptyHeads(table);
                tables++;
                Scrollable box = new Scrollable((tables == 1 ? "Table: " : "Table " + tables + ": ") + part);
                table.insertBefore(box);
                box.appendChild(table);
            } else {
                visitChildren(block);
            }
        }

        /** A screen reader reads heads out before each cell: one without a word only says that there is one. */
        private static void withoutEmptyHeads(TableBlock table) {
            table.accept(new AbstractVisitor() {
                @Override
                public void visit(CustomNode node) {
                    if (node instanceof TableCell cell && cell.isHeader() && cell.getFirstChild() == null) {
                        cell.setHeader(false);
                    } else {
                        visitChildren(node);
                    }
                }
            });
            if (table.getFirstChild() instanceof TableHead head && text(head).isBlank()) {
                head.unlink();
            }
        }
    }

    /** A box around a table. */
    private static final class Scrollable extends CustomBlock {
        private final String name;

        Scrollable(String name) {
            this.name = name;
        }
    }

    private static final class ScrollableRenderer implements NodeRenderer {
        private final HtmlNodeRendererContext context;

        ScrollableRenderer(HtmlNodeRendererContext context) {
            this.context = context;
        }

        @Override
        public Set<Class<? extends Node>> getNodeTypes() {
            return Set.of(Scrollable.class);
        }

        @Override
        public void render(Node node) {
            Map<String, String> attributes =
                    Map.of("class", "table", "role", "region", "tabindex", "0", "aria-label", ((Scrollable) node).name);
            context.getWriter().line();
            context.getWriter().tag("div", attributes);
            context.render(node.getFirstChild());
            context.getWriter().tag("/div");
            context.getWriter().line();
        }
    }
}
