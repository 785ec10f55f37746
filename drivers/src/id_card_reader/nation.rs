//! Nationalities of China by GB/T 3304, codes 01 to 56. Beyond 56 public tables disagree, so such a code is
//! kept as it is and shown as 其他.

/// Names by code, from 01.
const NATIONS: [&str; 56] = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
];

/// A nationality as the card codes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nation {
    code: [char; 2],
}

impl Nation {
    /// From the two characters on the card; `None` when they are blank.
    pub fn from_code(code: &str) -> Option<Self> {
        let mut chars = code.chars();
        match (chars.next(), chars.next(), chars.next()) {
            (Some(tens), Some(ones), None) => Some(Self { code: [tens, ones] }),
            _ => None,
        }
    }

    /// From a name, with or without 族 at its end.
    pub fn from_name(name: &str) -> Option<Self> {
        let bare = name.strip_suffix('族').unwrap_or(name);
        let index = NATIONS.iter().position(|n| *n == bare)?;
        Self::from_code(&format!("{:02}", index + 1))
    }

    /// The code as it stands on the card.
    pub fn code(&self) -> String {
        self.code.iter().collect()
    }

    /// The name without 族; 其他 where the code is not one of GB/T 3304.
    pub fn name(&self) -> &'static str {
        let number = self.code.iter().try_fold(0, |n, c| Some(n * 10 + c.to_digit(10)? as usize));
        number.and_then(|n| NATIONS.get(n.wrapping_sub(1))).copied().unwrap_or("其他")
    }

    /// The name as forms want it: 汉族; 其他 stays 其他.
    pub fn full_name(&self) -> String {
        match self.name() {
            "其他" => "其他".to_owned(),
            name => format!("{name}族"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_of_gbt_3304_belong_together() {
        for (code, name) in [
            ("01", "汉"),
            ("05", "维吾尔"),
            ("25", "水"),
            ("26", "东乡"),
            ("36", "毛南"),
            ("46", "德昂"),
            ("56", "基诺"),
        ] {
            let nation = Nation::from_code(code).unwrap();
            assert_eq!(nation.name(), name);
            assert!(Nation::from_name(&nation.full_name()) == Some(nation));
        }
    }

    #[test]
    fn a_code_beyond_the_table_is_kept_and_shown_as_other() {
        for code in ["57", "97", "00", "XX"] {
            let nation = Nation::from_code(code).unwrap();
            assert_eq!((nation.code().as_str(), nation.name()), (code, "其他"));
        }
        assert!(Nation::from_code("").is_none());
    }
}
