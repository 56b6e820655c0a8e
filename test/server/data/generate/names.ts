/** Names as a city hospital sees them. `latin` is how they are written first, `native` a second script. */
export interface NamePool {
  female: readonly string[];
  male: readonly string[];
  family: readonly string[];
  /** The same names in their own script, by their Latin form. */
  native?: Readonly<Record<string, string>>;
  language: string;
}

export const pools: readonly NamePool[] = [
  {
    language: 'en',
    female: ['Margaret', 'Grace', 'Olivia', 'Hannah', 'Beatrice', 'Poppy'],
    male: ['Arthur', 'Thomas', 'Oliver', 'George', 'Callum', 'Wilfred'],
    family: ['Whitfield', "O'Connell", 'Smythe-Jones', 'Ashworth', 'MacLeod', 'Pembroke'],
  },
  {
    language: 'es',
    female: ['María José', 'Lucía', 'Inés', 'Begoña'],
    male: ['José Ángel', 'Íñigo', 'Andrés', 'Joaquín'],
    family: ['Muñoz Peña', 'García-Núñez', 'Ibáñez', 'Echeverría'],
  },
  {
    language: 'de',
    female: ['Änne', 'Jördis', 'Käthe'],
    male: ['Jürgen', 'Björn', 'Götz'],
    family: ['Müller-Lüdenscheidt', 'Weiß', 'von der Höhe', 'Strößner'],
  },
  {
    language: 'zh',
    female: ['Xiaomei', 'Lihua', 'Yan'],
    male: ['Wei', 'Jianguo', 'Haoran'],
    family: ['Zhang', 'Chen', 'Ouyang'],
    native: {
      Xiaomei: '小梅',
      Lihua: '丽华',
      Yan: '燕',
      Wei: '伟',
      Jianguo: '建国',
      Haoran: '浩然',
      Zhang: '张',
      Chen: '陈',
      Ouyang: '欧阳',
    },
  },
  {
    language: 'ar',
    female: ['Fatima', 'Layla', 'Noor'],
    male: ['Omar', 'Yusuf', 'Khalid'],
    family: ['al-Masri', 'Haddad', 'bin Rashid'],
    native: {
      Fatima: 'فاطمة',
      Layla: 'ليلى',
      Noor: 'نور',
      Omar: 'عمر',
      Yusuf: 'يوسف',
      Khalid: 'خالد',
      'al-Masri': 'المصري',
      Haddad: 'حداد',
      'bin Rashid': 'بن راشد',
    },
  },
  {
    language: 'el',
    female: ['Eleni', 'Despina'],
    male: ['Nikolaos', 'Spyridon'],
    family: ['Papadopoulou', 'Karagiannis'],
    native: {
      Eleni: 'Ελένη',
      Despina: 'Δέσποινα',
      Nikolaos: 'Νικόλαος',
      Spyridon: 'Σπυρίδων',
      Papadopoulou: 'Παπαδοπούλου',
      Karagiannis: 'Καραγιάννης',
    },
  },
  {
    language: 'ja',
    female: ['Haruka', 'Sakura', 'Michiko'],
    male: ['Kenji', 'Takumi', 'Hiroshi'],
    family: ['Tanaka', 'Watanabe', 'Ōno'],
    native: {
      Haruka: '遥',
      Sakura: '桜',
      Michiko: '美智子',
      Kenji: '健二',
      Takumi: '匠',
      Hiroshi: '浩',
      Tanaka: '田中',
      Watanabe: '渡辺',
      Ōno: '大野',
    },
  },
  {
    language: 'hi',
    female: ['Priya', 'Lakshmi', 'Ananya'],
    male: ['Arjun', 'Rajesh', 'Vikram'],
    family: ['Sharma', 'Krishnamurthy', 'Patel'],
    native: {
      Priya: 'प्रिया',
      Lakshmi: 'लक्ष्मी',
      Ananya: 'अनन्या',
      Arjun: 'अर्जुन',
      Rajesh: 'राजेश',
      Vikram: 'विक्रम',
      Sharma: 'शर्मा',
      Krishnamurthy: 'कृष्णमूर्ति',
      Patel: 'पटेल',
    },
  },
  {
    language: 'yo',
    female: ['Adébáyọ̀', 'Ngozi', 'Abẹ́ní'],
    male: ['Chukwuemeka', 'Olúwaṣeun', 'Kwame'],
    family: ['Okonkwo', 'Adéyẹmí', 'Mensah'],
  },
  {
    language: 'uk',
    female: ['Oksana', 'Iryna'],
    male: ['Mykola', 'Andrii'],
    family: ['Shevchenko', 'Kovalenko'],
    native: {
      Oksana: 'Оксана',
      Iryna: 'Ірина',
      Mykola: 'Микола',
      Andrii: 'Андрій',
      Shevchenko: 'Шевченко',
      Kovalenko: 'Коваленко',
    },
  },
  {
    language: 'vi',
    female: ['Thị Hồng', 'Ngọc Ánh'],
    male: ['Văn Đức', 'Quốc Bảo'],
    family: ['Nguyễn', 'Trần'],
  },
  {
    language: 'pl',
    female: ['Małgorzata', 'Zofia'],
    male: ['Łukasz', 'Grzegorz'],
    family: ['Brzęczyszczykiewicz', 'Wiśniewska', 'Żółkiewski'],
  },
];
