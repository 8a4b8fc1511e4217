//! The words of the pages, in Chinese and English. Every word is a field: a template that names one that is not there
//! does not compile, and a language that lacks one does not start.
//!
//! Each area of the program has its words in a file of its own, here and in `locales/zh` and `locales/en`.

use std::sync::LazyLock;

/// Makes the words of each page from their names.
macro_rules! words {
    (@pages $($page:ident { $($word:ident)* })*) => {
        $(
            #[doc = concat!("Words of `", stringify!($page), "`.")]
            pub(crate) mod $page {
                #[derive(Debug, serde::Deserialize)]
                #[serde(deny_unknown_fields)]
                pub(crate) struct Words {
                    $(pub(crate) $word: String,)*
                }
            }
        )*
    };
    (areas { $($area:ident)* } $($page:ident { $($word:ident)* })*) => {
        $(pub(crate) mod $area;)*

        words!(@pages $($page { $($word)* })*);

        /// All words in one language.
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Words {
            $(pub(crate) $page: $page::Words,)*
            $(pub(crate) $area: Box<$area::Words>,)*
        }

        /// The words of each area, in Chinese and English, as they stand in its files.
        const AREAS: &[(&str, &str, &str)] = &[$((
            stringify!($area),
            include_str!(concat!("../../locales/zh/", stringify!($area), ".toml")),
            include_str!(concat!("../../locales/en/", stringify!($area), ".toml")),
        ),)*];
    };
    ($($page:ident { $($word:ident)* })*) => {
        words!(@pages $($page { $($word)* })*);

        /// All words of this area in one language.
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Words {
            $(pub(crate) $page: $page::Words,)*
        }
    };
}

words! {
    areas {
        today
        items
        labels
        stocktake
        imports
        duties
        admin
        movements
        submissions
        three_way
        fuel
        losses
        vehicles
        cards
        firearms
        certificates
        arms_moves
    }
    common {
        own_order sort_by product tagline skip sign_out other_language back_home cancel optional insecure
        must_password must_factor demo demo_be find find_help menu theme account
        next first shown none_selected selected all export filter clear save back copy copied print confirm_sure
         yes no any search_none
    }
    demo { title intro be }
    nav {
        assets
        campaigns
        cars
        today
        items
        labels
        stocktake
        movements
        missing
        mine
        submissions
        three_way
        vehicles
        fuel
        imports
        findings
        approvals
        units
        people
        places
        accounts
        rules
        chains
        journal
        jobs
        scan
        admin
        net_values
        classes
        responsible
        arms
        firearms
        draws
        certificates
    }
    sign_in {
        title login password submit code code_help code_title code_submit code_intro start_over signed_out
        ended forgot wait
    }
    setup {
        title intro office organisation organisation_help unit unit_help system system_help security
        security_help audit audit_help three login name badge password again submit differs
        done_title done_intro for_security for_audit done_next done_sign_in void_title void_text
    }
    activate {
        title intro password again submit differs done
    }
    password {
        title old new rule again submit differs done wrong_old
    }
    factor {
        title intro need_app replace password begin scan_title scan manual code confirm codes_title
        codes_intro codes_done
    }
    sessions {
        title intro current address device began seen until end end_current certificate ended none
    }
    home {
        greeting login unit roles no_roles everywhere rights no_rights links sessions sessions_help
        password password_help factor factor_help api api_help trust trust_help until
    }
    trust {
        title intro none_title none_text step_download download check check_help fingerprint valid_until
        android android_1 android_2 android_3 android_4 iphone iphone_1 iphone_2 iphone_3 iphone_4 windows
        windows_1 windows_2 windows_3 windows_4 address address_help
    }
    errors {
        not_found not_found_help forbidden too_many internal internal_help other request
    }
    api {
        title intro needs_script document
    }
}

/// Chinese.
pub(crate) static CHINESE: LazyLock<Words> = LazyLock::new(|| read("zh", tables()[0].clone()));
/// English.
pub(crate) static ENGLISH: LazyLock<Words> = LazyLock::new(|| read("en", tables()[1].clone()));

/// The words of both languages as they stand in the files, those of an area in a table of its name.
// They are in the binary, and a test reads both: a fault in them cannot leave the workshop.
fn tables() -> [toml::Table; 2] {
    let parse = |name: &str, text: &str| {
        text.parse::<toml::Table>().unwrap_or_else(|error| panic!("locales/{name}.toml: {error}"))
    };
    let [mut zh, mut en] =
        [("zh", include_str!("../../locales/zh.toml")), ("en", include_str!("../../locales/en.toml"))]
            .map(|(name, text)| parse(name, text));
    for (area, chinese, english) in AREAS {
        zh.insert((*area).to_owned(), parse(&format!("zh/{area}"), chinese).into());
        en.insert((*area).to_owned(), parse(&format!("en/{area}"), english).into());
    }
    [zh, en]
}

fn read(name: &str, words: toml::Table) -> Words {
    words.try_into().unwrap_or_else(|error| panic!("locales/{name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_every_word_and_the_same_blanks() {
        LazyLock::force(&CHINESE);
        LazyLock::force(&ENGLISH);
        let [zh, en] = tables();
        compare("", &zh.into(), &en.into());
    }

    fn compare(at: &str, chinese: &toml::Value, english: &toml::Value) {
        if let (Some(chinese), Some(english)) = (chinese.as_table(), english.as_table()) {
            assert!(chinese.keys().eq(english.keys()), "{at}");
            for (name, words) in chinese {
                compare(&format!("{at}.{name}"), words, &english[name]);
            }
            return;
        }
        let (chinese, english) = (chinese.as_str().unwrap(), english.as_str().unwrap());
        let blanks = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).filter_map(|part| part.split('}').next().map(str::to_owned)).collect();
            names.sort();
            names
        };
        assert_eq!(blanks(chinese), blanks(english), "{at}");
        assert!(!english.trim().is_empty() && !chinese.trim().is_empty(), "{at}");
        // Each language names the other in the other's own writing.
        let is_chinese = english.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(!is_chinese || at.ends_with(".other_language"), "{at}");
    }
}
