//! The command line as people read it: help and complaints in Chinese.
//!
//! clap writes its own headings and complaints in English only; here its command tree is given Chinese headings, and
//! what it complains of is said again in a sentence.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _, FromArgMatches as _};

use super::{Cli, show};

/// Headings of a help page.
const COMMANDS: &str = "命令";
const ARGUMENTS: &str = "参数";
const OPTIONS: &str = "选项";
const COMMON: &str = "通用选项";

/// Reads a command line.
///
/// # Errors
/// With what is to be shown instead of running anything: a help page, or what is wrong with the line.
pub fn read(line: impl IntoIterator<Item = OsString>) -> Result<Cli, Instead> {
    command().try_get_matches_from(line).and_then(|found| Cli::from_arg_matches(&found)).map_err(|error| {
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Instead { text: error.to_string(), code: 0 },
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Instead { text: error.to_string(), code: 2 },
            _ => Instead { text: complaint(&error), code: 2 },
        }
    })
}

/// What is shown instead of running a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead {
    /// A help page, or a complaint and how the line should look.
    pub text: String,
    /// 0 when it was asked for, 2 when the line is wrong.
    pub code: u8,
}

impl Instead {
    /// Shows it, and tells the exit code.
    #[must_use]
    #[expect(clippy::print_stderr, reason = "what is wrong with the line is no output of a command")]
    pub fn show(&self) -> ExitCode {
        if self.code == 0 {
            show::line(self.text.trim_end());
        } else {
            eprintln!("{}", self.text.trim_end());
        }
        ExitCode::from(self.code)
    }
}

/// The command tree with Chinese headings.
#[must_use]
pub fn command() -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::HelpShort).global(true);
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    let root = Cli::command()
        .disable_version_flag(true)
        .arg(help.help("显示帮助").display_order(900))
        .arg(version.help("显示版本").display_order(901));
    in_chinese(root)
}

fn in_chinese(command: Command) -> Command {
    command
        .help_template("{about}\n\n用法：{usage}\n\n{all-args}")
        .styles(Styles::plain())
        .subcommand_help_heading(COMMANDS)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .mut_args(argument_in_chinese)
        .mut_subcommands(in_chinese)
}

fn argument_in_chinese(arg: Arg) -> Arg {
    let heading = match (arg.is_positional(), arg.is_global_set()) {
        (true, _) => ARGUMENTS,
        (_, true) => COMMON,
        _ => OPTIONS,
    };
    let mut help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let takes_values = arg.get_action().takes_values();
    if takes_values {
        let values: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        if !values.is_empty() {
            help += &format!("：{}", values.join("、"));
        }
        let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if default.iter().any(|value| !value.is_empty()) {
            help += &format!(" [默认：{}]", default.join("、"));
        }
    }
    if let Some(variable) = arg.get_env() {
        help += &format!(" [环境变量 {}]", variable.to_string_lossy());
    }
    let arg = arg.help(help).help_heading(heading);
    if takes_values { arg.hide_possible_values(true).hide_default_value(true).hide_env(true) } else { arg }
}

/// What is wrong with the line, and how it should look.
fn complaint(error: &clap::Error) -> String {
    let of = |kind| error.get(kind).map(words).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let what = match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("缺少参数 {argument}"),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::InvalidSubcommand => format!("没有命令“{}”", of(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument => format!("不认识参数“{argument}”"),
        ErrorKind::ArgumentConflict => format!("“{argument}”不能与“{}”同时使用", of(ContextKind::PriorArg)),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => match of(ContextKind::InvalidValue) {
            value if value.is_empty() => format!("参数 {argument} 后面要写值"),
            value => format!("参数 {argument} 的值“{value}”不对"),
        },
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("参数 {argument} 的值个数不对")
        }
        ErrorKind::NoEquals => format!("参数 {argument} 应写成 名=值"),
        ErrorKind::InvalidUtf8 => "参数中有无法识别的文字".to_owned(),
        _ => error.to_string(),
    };
    let mut text = format!("错误：{what}");
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    if let Some(near) = near.into_iter().map(of).find(|near| !near.is_empty()) {
        text += &format!("，是不是“{near}”？");
    }
    let valid = of(ContextKind::ValidValue);
    if !valid.is_empty() {
        text += &format!("；可用：{valid}");
    }
    let usage = of(ContextKind::Usage);
    if !usage.is_empty() {
        text += &format!("\n{}", usage.replacen("Usage: ", "用法：", 1));
    }
    text + "\n详见 --help"
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(many) => many.join("、"),
        ContextValue::StyledStrs(many) => many.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
        ContextValue::None => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &[&str]) -> (String, u8) {
        let line = ["hufu"].iter().chain(line).map(OsString::from);
        match read(line) {
            Ok(_) => (String::new(), u8::MAX),
            Err(instead) => (instead.text, instead.code),
        }
    }

    #[test]
    fn the_tree_is_sound() {
        command().debug_assert();
    }

    /// Every page of the tree, by the words that lead to it.
    fn pages(command: &Command, path: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
        all.push(path.clone());
        for sub in command.get_subcommands() {
            path.push(sub.get_name().to_owned());
            pages(sub, path, all);
            path.pop();
        }
    }

    #[test]
    fn no_help_page_speaks_english() {
        let mut all = Vec::new();
        pages(&command(), &mut Vec::new(), &mut all);
        assert!(all.len() > 20, "{all:?}");
        for path in all {
            let line: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
            let (text, code) = said(&line);
            assert_eq!(code, 0, "{line:?}: {text}");
            for english in
                ["Usage", "Options", "Commands", "Arguments", "Print", "default", "possible", " the ", "env:"]
            {
                assert!(!text.contains(english), "{line:?} says {english}:\n{text}");
            }
            for row in text.lines().filter(|row| row.trim_start().starts_with("--")) {
                assert!(!row.is_ascii(), "{line:?} does not explain: {row}");
            }
        }
    }

    #[test]
    fn a_wrong_line_is_told_in_a_sentence() {
        for (line, expected) in [
            (&["nonsense"][..], "错误：没有命令“nonsense”"),
            (&["import", "asset"], "错误：没有命令“asset”，是不是“assets”？"),
            (&["import", "assets"], "错误：缺少参数 <FILE>"),
            (&["items", "find", "--limit", "many"], "错误：参数 --limit <LIMIT> 的值“many”不对"),
            (&["items", "find", "--unti", "x"], "错误：不认识参数“--unti”，是不是“--unit”？"),
            (&["decode", "a.png", "--format", "xml"], "错误：参数 --format <FORMAT> 的值“xml”不对；可用：csv、json"),
            (&["labels", "print", "--all", "--queue", "--out", "x.pdf"], "错误：“--all”不能与“--queue”同时使用"),
            (&["import", "undo", "7"], "错误：参数 <BATCH> 的值“7”不对"),
            (&["items", "find", "--unit"], "错误：参数 --unit <UNIT> 后面要写值"),
        ] {
            let (text, code) = said(line);
            assert_eq!((text.lines().next().unwrap_or_default(), code), (expected, 2), "{text}");
        }
    }
}
