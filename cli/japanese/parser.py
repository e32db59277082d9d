"""What the library says that reads the command line."""

PARSER = {
    "Missing argument {name}.": "引数 {name} がありません。",
    "Missing option {name}.": "オプション {name} がありません。",
    "Missing command.": "コマンドがありません。",
    "No such command {name}. Did you mean {other}?": "{name} というコマンドはありません。{other} のことですか?",
    "No such command {name}. Did you mean one of: {other}?": (
        "{name} というコマンドはありません。次のどれかのことですか: {other}"
    ),
    "No such command {name}.": "{name} というコマンドはありません。",
    "No such option: {name} (Possible options: {other})": (
        "{name} というオプションはありません({other} のことですか?)。"
    ),
    "No such option: {name}": "{name} というオプションはありません。",
    "Got unexpected extra argument(s) ({words})": "余分な引数があります: {words}",
    "Got unexpected extra arguments ({words})": "余分な引数があります: {words}",
    "Got unexpected extra argument ({words})": "余分な引数があります: {words}",
    "Option {name} requires an argument.": "オプション {name} には値が必要です。",
    "Option {name} does not take a value.": "オプション {name} は値を取りません。",
    "Invalid value for {name} (env var: {variable}): {why}": (
        "{name} (環境変数: {variable}) の値が正しくありません: {why}"
    ),
    "Invalid value for {name}: {why}": "{name} の値が正しくありません: {why}",
    "{value} is none of {all}": "{value} は {all} のどれでもありません",
    "Input should be a valid integer, unable to parse string as an integer": "整数ではありません",
    "Input should be a valid number, unable to parse string as a number": "数ではありません",
    "Input should be less than or equal to {most}": "{most} 以下にしてください",
    "Input should be greater than or equal to {number}": "{number} 以上にしてください",
}

PANELS = {
    "DEFAULT_STRING": "[既定値: {}]",
    "ENVVAR_STRING": "[環境変数: {}]",
    "REQUIRED_LONG_STRING": "[必須]",
    "ARGUMENTS_PANEL_TITLE": "引数",
    "OPTIONS_PANEL_TITLE": "オプション",
    "COMMANDS_PANEL_TITLE": "コマンド",
    "ERRORS_PANEL_TITLE": "エラー",
    "ABORTED_TEXT": "中止しました。",
    "RICH_HELP": "[blue]'{command_path} {help_option}'[/] でヘルプを表示できます。",
}
"""Names of what Typer puts round a help text."""

USAGE = "使い方: "
