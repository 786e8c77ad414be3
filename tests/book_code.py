"""Code on the pages of the book, in a form that can be compared with the library's."""

import ast
import io
import textwrap
import tokenize


def essence(source):
    """Code and comments of a function; without type hints, and of its docstring the first line."""
    tree = ast.parse(textwrap.dedent(source))
    (definition,) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    definition.returns = None
    for argument in ast.walk(definition.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    summary = ast.get_docstring(definition).splitlines()[0]
    definition.body[0] = ast.Expr(ast.Constant(summary))
    tokens = tokenize.generate_tokens(io.StringIO(textwrap.dedent(source)).readline)
    comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return ast.dump(definition), comments
